import HTTPTypes
import Hummingbird
import Logging

/// Makes every error answer a problem+json, whatever threw it, and logs what nobody foresaw.
public struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response()
        } catch let error as HTTPError {
            return Self.problem(for: error).response()
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return Problem(.internalServerError, type: "internal", detail: "The server failed to answer; its log says why.").response()
        }
    }

    private static func problem(for error: HTTPError) -> Problem {
        switch error.status {
        case .notFound:
            Problem(.notFound, type: "not-found", detail: error.body ?? "Nothing answers this method at this path.", headers: error.headers)
        case .contentTooLarge:
            Problem(.contentTooLarge, type: "too-large", detail: error.body ?? "The body is too large.", headers: error.headers)
        default: Problem(error.status, type: "http-error", detail: error.body ?? error.status.reasonPhrase, headers: error.headers)
        }
    }
}
