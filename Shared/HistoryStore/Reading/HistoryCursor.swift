import Foundation
import Models

/// A place in a member's history, between two sessions. Sessions that are added elsewhere do not move it.
public struct HistoryCursor: Sendable, Hashable {
    /// Of the last session before the place.
    public var startedAt: Timestamp
    public var sessionId: OpaqueID

    public init(startedAt: Timestamp, sessionId: OpaqueID) {
        self.startedAt = startedAt
        self.sessionId = sessionId
    }

    /// Opaque to clients: base64url of `startedAt:sessionId`.
    public var token: String {
        let base64 = Data("\(startedAt):\(sessionId)".utf8).base64EncodedData()
        return String(decoding: base64.lazy.filter { $0 != UInt8(ascii: "=") }.map(Self.urlSafe), as: UTF8.self)
    }

    /// Source: RFC 4648, section 5.
    private static func urlSafe(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "+"): UInt8(ascii: "-")
        case UInt8(ascii: "/"): UInt8(ascii: "_")
        default: byte
        }
    }

    /// - Returns: nil for what is no token of ours.
    public init?(token: String) {
        let base64 = token.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: base64 + padding), let text = String(data: data, encoding: .utf8),
            let colon = text.firstIndex(of: ":"), let startedAt = Timestamp(text[..<colon]),
            RFC3339.parse(RFC3339.format(startedAt)) == startedAt
        else { return nil }
        self.init(startedAt: startedAt, sessionId: OpaqueID(String(text[text.index(after: colon)...])))
        // A place has one token: not "+1:s" as well, nor one that differs in bits that base64 passes over.
        guard self.token == token, (try? EventLimits.validate(id: sessionId.text, "sessionId")) != nil else { return nil }
    }
}
