import HTTPTypes
import Hummingbird

/// Refuses requests for a foreign host name while nothing authenticates them.
///
/// A web page may point a name of its own at 127.0.0.1 and have its visitor's browser call us (DNS rebinding); the Host header
/// then still carries the page's name.
public struct LoopbackHostMiddleware<Context: RequestContext>: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let host = request.head.authority.map(Self.name), HTTPServer.isLoopback(host) else {
            throw Problem(
                .misdirectedRequest, type: "foreign-host",
                detail: "Without authentication only requests with a loopback Host (localhost, 127.0.0.1, [::1]) are answered.")
        }
        return try await next(request, context)
    }

    /// The authority without its port.
    private static func name(_ authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }
}
