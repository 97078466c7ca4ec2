import HTTPTypes
import Hummingbird
import ServiceKit

/// Names and addresses that are reachable from this machine only, and the refusal of requests for others while nothing authenticates them.
///
/// A web page may point a name of its own at 127.0.0.1 and have its visitor's browser call us (DNS rebinding); the Host header
/// then still carries the page's name.
enum LoopbackHost {
    /// - Throws: ``Problem`` 421
    static func require(in head: HTTPRequest) throws(Problem) {
        guard let host = head.authority.map(name), includes(host) else {
            throw Problem(
                .misdirectedRequest, type: "foreign-host",
                detail: "Without authentication only requests with a loopback Host (localhost, 127.0.0.1, [::1]) are answered.")
        }
    }

    /// - Parameter host: a name, or an address, one of IPv6 with or without its brackets.
    static func includes(_ host: some StringProtocol) -> Bool {
        isIPv4(host.utf8) || ["localhost", "::1", "[::1]"].contains(host.lowercased())
    }

    /// All of 127.0.0.0/8; a name that merely begins like that is foreign.
    private static func isIPv4(_ host: some Collection<UInt8>) -> Bool {
        var octets: [Int?] = [nil]
        for byte in host {
            switch byte {
            case UInt8(ascii: "."): octets.append(nil)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let octet = (octets[octets.count - 1] ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard octet < 256 else { return false }
                octets[octets.count - 1] = octet
            default: return false
            }
        }
        return octets.count == 4 && octets[0] == 127 && !octets.contains(nil)
    }

    /// The authority without its port.
    private static func name(_ authority: String) -> Substring {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end] }
        return authority.prefix { $0 != ":" }
    }
}
