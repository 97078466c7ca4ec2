import HTTPTypes
import Hummingbird

/// Refuses requests for a foreign host name while nothing authenticates them.
///
/// A web page may point a name of its own at 127.0.0.1 and have its visitor's browser call us (DNS rebinding); the Host header
/// then still carries the page's name.
enum LoopbackHost {
    /// - Throws: ``Problem`` 421
    static func require(in head: HTTPRequest) throws(Problem) {
        guard let host = head.authority.map(name), HTTPServer.isLoopback(host) else {
            throw Problem(
                .misdirectedRequest, type: "foreign-host",
                detail: "Without authentication only requests with a loopback Host (localhost, 127.0.0.1, [::1]) are answered.")
        }
    }

    /// The authority without its port.
    private static func name(_ authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }
}
