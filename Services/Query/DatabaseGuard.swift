import HTTPTypes
import HistoryStore
import Hummingbird
import Logging
import Metrics
import PublicAPI
import ServiceKit

/// What all handlers that ask the database have in common: the time they take is measured, and the database's troubles become answers.
struct DatabaseGuard: Sendable {
    private let requestSeconds = Metrics.Timer(label: "playhead_query_request_seconds")

    func handler(_ handle: @escaping @Sendable (QueryParameters) async throws -> Response) -> APIRoutes.Handler {
        { request, context in
            let began = ContinuousClock.now
            defer { requestSeconds.recordNanoseconds(Int64((ContinuousClock.now - began) / .nanoseconds(1))) }
            do {
                return try await handle(QueryParameters(request: request, context: context))
            } catch let error as PostgresError where error.kind == .unexpectedResult {
                // Sending the request again would not help.
                context.logger.error("a row cannot be read", metadata: ["error": "\(error)"])
                throw Problem(.internalServerError, type: "internal", detail: "The server failed to answer; its log says why.")
            } catch let error as PostgresError {
                context.logger.warning("database failed", metadata: ["error": "\(error)"])
                throw Problem(
                    .serviceUnavailable, type: "database-unavailable", detail: "The history cannot be reached at the moment.",
                    headers: [.retryAfter: "1"])
            }
        }
    }
}
