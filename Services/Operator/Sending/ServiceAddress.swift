import Foundation

/// Where a service's API listens, as an option names it.
struct ServiceAddress: Sendable, Hashable {
    /// An option that names no address.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let root: String

    /// - Parameters:
    ///   - text: `http://host:port`
    ///   - service: for the error.
    init(_ text: String, of service: String, example: String) throws(Fault) {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw Fault(description: "the \(service)'s address must be like \(example), not '\(text)'")
        }
        root = text.hasSuffix("/") ? text : text + "/"
    }

    /// The URL of a path, of which each part is percent-encoded.
    func url(_ parts: String...) -> String {
        root + parts.map(Self.encoded).joined(separator: "/")
    }

    /// Everything but the unreserved characters of RFC 3986 section 2.3, so that an id cannot be taken for anything but a path's part.
    private static func encoded(_ part: String) -> String {
        part.addingPercentEncoding(withAllowedCharacters: unreserved) ?? part
    }

    private static let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
