import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import ServiceKit

extension Problem {
    /// Every error answer is a problem+json, whatever threw it; what nobody foresaw is logged.
    init(_ error: any Error, logger: Logger) {
        switch error {
        case let problem as Problem: self = problem
        case let error as HTTPError: self.init(error)
        case is HTTPParserError:
            // The client broke off, or was cut off by its deadline: nobody reads this, and it is no trouble of ours.
            self.init(.badRequest, type: "http-error", detail: "The request ended before its end.")
        default:
            logger.error("request failed", metadata: ["error": "\(error)"])
            self.init(.internalServerError, type: "internal", detail: "The server failed to answer; its log says why.")
        }
    }

    private init(_ error: HTTPError) {
        switch error.status {
        case .contentTooLarge:
            self.init(.contentTooLarge, type: "too-large", detail: error.body ?? "The body is too large.", headers: error.headers)
        default: self.init(error.status, type: "http-error", detail: error.body ?? error.status.reasonPhrase, headers: error.headers)
        }
    }
}
