import HTTPTypes
import Hummingbird
import NIOCore

/// The resources of an API and what can be done with each.
public struct APIRoutes: Sendable {
    public typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    /// Who may ask.
    public enum Audience: Sendable {
        /// Whoever has a good token, or anybody where nothing authenticates requests.
        case authenticated
        /// Anybody: nothing of a member.
        case everybody
    }

    struct Route: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let audience: Audience
        let handler: Handler
    }

    private(set) var routes: [Route] = []

    public init() { addDescription() }

    /// - Parameter path: with `{name}` for a part that varies.
    public mutating func on(
        _ method: HTTPRequest.Method, _ path: String, for audience: Audience = .authenticated, handler: @escaping Handler
    ) {
        routes.append(Route(method: method, path: path, audience: audience, handler: handler))
    }

    /// The methods of the resource at a path: those of RFC 9110 for a GET, and OPTIONS; nil where there is no resource.
    func methods(at path: Substring) -> [HTTPRequest.Method]? {
        let parts = path.split(separator: "/")
        var methods: [HTTPRequest.Method] = []
        for route in routes where Self.matches(route.path, parts) { methods += route.method == .get ? [.get, .head] : [route.method] }
        return methods.isEmpty ? nil : methods + [.options]
    }

    func router(authentication: Authentication, crossOrigin: CrossOrigin) -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: PublicMiddleware(routes: self, authentication: authentication, crossOrigin: crossOrigin))
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                guard route.audience == .authenticated else { return try await route.handler(request, context) }
                var context = context
                context.grant = try await authentication.grant(for: request.head)
                return try await route.handler(request, context)
            }
        }
        return router
    }

    private static func matches(_ pattern: String, _ parts: [Substring]) -> Bool {
        let pattern = pattern.split(separator: "/")
        return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0.first == "{" || $0 == $1 }
    }
}
