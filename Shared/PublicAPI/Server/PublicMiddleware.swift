import HTTPTypes
import Hummingbird
import ServiceKit

/// What every request of an API goes through. One middleware for all of it: each costs a connection memory for as long as it is open,
/// and a request some microseconds.
struct PublicMiddleware: RouterMiddleware {
    // A valid field name, so never nil.
    private static let contentTypeOptions = HTTPField.Name("X-Content-Type-Options")!

    let routes: APIRoutes
    let authentication: Authentication
    let crossOrigin: CrossOrigin

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let id = RequestID.note(request, in: &context)
        var response: Response
        do {
            // A part that is empty is no id. Browsers make such paths of `.` and `..`, and they must not mean something larger.
            guard !Self.hasEmptyPart(request.uri.path) else { throw HTTPError(.notFound) }
            if authentication.verifier == nil { try LoopbackHost.require(in: request.head) }
            response = try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            response = noRoute(request)
        } catch {
            response = Problem(error, logger: context.logger).response()
        }
        // Whatever a GET would have been answered, without its body (RFC 9110 section 9.3.2).
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[RequestID.field] = id
        response.headers[Self.contentTypeOptions] = "nosniff"
        crossOrigin.allow(request.head, in: &response.headers)
        return response
    }

    private static func hasEmptyPart(_ path: String) -> Bool {
        path != "/" && (path.hasSuffix("/") || path.contains("//"))
    }

    /// No handler has this method at this path.
    private func noRoute(_ request: Request) -> Response {
        guard !Self.hasEmptyPart(request.uri.path), let methods = routes.methods(at: request.uri.path[...]) else {
            return Problem(.notFound, type: "not-found", detail: "There is nothing at this path.").response()
        }
        let allowed = methods.map(\.rawValue).joined(separator: ", ")
        guard request.method == .options else {
            return Problem(
                .methodNotAllowed, type: "method-not-allowed", detail: "This path takes \(allowed).", headers: [.allow: allowed]
            ).response()
        }
        var headers: HTTPFields = [.allow: allowed]
        crossOrigin.allowRequest(request.head, methods: allowed, in: &headers)
        return Response(status: .noContent, headers: headers)
    }
}
