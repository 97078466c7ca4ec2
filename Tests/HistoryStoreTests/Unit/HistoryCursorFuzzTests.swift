import Foundation
import HistoryStore
import Models
import Oracle
import TestSupport
import Testing

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("Cursors, damaged at random")
struct HistoryCursorFuzzTests {
    private static let texts = ByteMutator(
        corpus: [
            "1763700000000:018f3c5e-1111-7000-8000-0123456789ab", "0:s", "-1:a:b::c", "253402300799999:Café 📺", "-62167219200000:e\u{301}",
        ],
        values: [
            "", "0", "-0", "+1", "01", "-1", " 1", "1.0", "1e3", "\u{661}", "-62167219200000", "-62167219200001", "253402300799999",
            "253402300800000",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "s", ":", "a\u{0}b", "a\nb", "\u{85}", "?~?~", "é",
            String(repeating: "x", count: 256), String(repeating: "x", count: 257),
        ], openers: ":", closers: ":", separators: ":")

    private static let tokens = ByteMutator(
        corpus: ["MTc2MzcwMDAwMDAwMDpzLTE", "MDpz", "LTE6YTpiOjpj", "MDo_fj9-", "MDpzLTE="],
        values: ["", "=", "==", "A", "+", "/", "-", "_", "%3D", "\u{212a}", "MTc2MzcwMDAwMDAwMDpzLTE"], openers: "MDpz", closers: "MDpz=",
        separators: "MDpz")

    @Test("a token is the only one of its place, or it is none")
    func tokens() async throws {
        let report = try await Fuzz.run("cursors") { random in
            let token =
                random.chance(60) ? Self.wellFormed(using: &random) : String(decoding: Self.tokens.input(using: &random), as: UTF8.self)
            let cursor = HistoryCursor(token: token)
            if let cursor { try Fuzz.require(cursor.token == token, "a token of \(cursor)", in: Array(token.utf8)) }
            let content = Self.content(of: token)
            if let content, let place = Self.place(content), Self.token(Array(content)) == token {
                try Fuzz.require(cursor == place, "the place is \(place), not \(String(describing: cursor))", in: Array(content))
            } else {
                try Fuzz.require(cursor == nil, "taken as \(String(describing: cursor))", in: Array(token.utf8))
            }
            return content != nil
        }
        #expect(report.complaints == [])
    }

    /// base64url without padding of something like a place: the time and the id are damaged apart, as both may be anything.
    private static func wellFormed(using random: inout SeededGenerator) -> String {
        token(texts.input(using: &random))
    }

    private static func token(_ content: [UInt8]) -> String {
        String(Data(content).base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" })
    }

    private static func content(of token: String) -> Data? {
        guard token.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let plain = token.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return Data(base64Encoded: String(plain) + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }

    /// `startedAt:sessionId`, both as the service writes them.
    private static func place(_ content: Data) -> HistoryCursor? {
        guard let text = String(validating: content, as: UTF8.self) else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), String(time).utf8.elementsEqual(parts[0].utf8),
            (-62_167_219_200_000...253_402_300_799_999).contains(time)
        else { return nil }
        let event = PlaybackEvent.sample().with { $0.sessionId = OpaqueID(String(parts[1])) }
        return event.breach == nil ? HistoryCursor(startedAt: time, sessionId: event.sessionId) : nil
    }
}
