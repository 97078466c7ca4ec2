import EventStream
import HTTPTypes
import HistoryStore
import Hummingbird
import Logging
import PublicAPI
import ServiceKit
import Tokens

/// `GET /v1/ops/pipeline`: for operators.
struct PipelineRoutes: Sendable {
    let inspector: PipelineInspector

    func add(to routes: inout APIRoutes) {
        routes.on(.get, "/v1/ops/pipeline") { request, context in
            guard context.grant.mayOperate else { throw Problem.forbidden("The token needs the scope \(TokenScope.operations.rawValue).") }
            do {
                return Answer.json(try await inspector.status().json, to: request)
            } catch let error as RedisError {
                context.logger.warning("Redis failed", metadata: ["error": "\(error)"])
                throw Problem(
                    .serviceUnavailable, type: "pipeline-unavailable", detail: "The pipeline cannot be looked at at the moment.",
                    headers: [.retryAfter: "1"])
            }
        }
    }
}
