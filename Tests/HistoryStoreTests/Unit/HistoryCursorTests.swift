import Foundation
import HistoryStore
import Models
import Testing

@Suite("The cursor of a history page")
struct HistoryCursorTests {
    private static let longest = OpaqueID(String(repeating: "x", count: 256))

    @Test(
        "comes back from its token byte for byte",
        arguments: [
            "018f3c5e-1111-7000-8000-0123456789ab", "s", "a:b::c", ":", "-1:x", "\u{e9}", "e\u{301}", "日本語", "\u{1f600}", "???>>>", longest,
        ] as [OpaqueID])
    func sessionIds(sessionId: OpaqueID) {
        let cursor = HistoryCursor(startedAt: 1_763_700_000_000, sessionId: sessionId)
        #expect(HistoryCursor(token: cursor.token) == cursor)
    }

    /// Skew moves a time by as much as the device's clock was wrong, so history may begin before 1970.
    @Test(
        "at any time that can be shown",
        arguments: [0, 1, -1, 1_763_700_000_123, -62_135_596_800_000, -62_167_219_200_000, 253_402_300_799_999] as [Timestamp])
    func times(startedAt: Timestamp) {
        let cursor = HistoryCursor(startedAt: startedAt, sessionId: "s-1")
        #expect(HistoryCursor(token: cursor.token) == cursor)
    }

    @Test("stands in a URL as it is, whatever the id's length")
    func token() {
        for length in 1...50 {
            // "?" and "~" make + and / in plain base64.
            let cursor = HistoryCursor(startedAt: 0, sessionId: OpaqueID(String(repeating: "?~", count: length).prefix(length).description))
            #expect(cursor.token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }, "\(cursor.token)")
            #expect(HistoryCursor(token: cursor.token) == cursor)
        }
    }

    /// Tokens outlive a deployment: a client may hold one while the service is replaced.
    @Test("has the same token in every version")
    func golden() {
        #expect(HistoryCursor(startedAt: 1_763_700_000_000, sessionId: "s-1").token == "MTc2MzcwMDAwMDAwMDpzLTE")
        #expect(HistoryCursor(token: "MTc2MzcwMDAwMDAwMDpzLTE")?.startedAt == 1_763_700_000_000)
    }

    @Test(
        "what is no token of ours is none",
        arguments: ["", "=", "!!!", "abc", "a", "MTc2", "\u{e9}", "e\u{301}MTc2", "%00", "null", "MTc2MzcwMDAwMDAwMDpzLTE."])
    func garbage(token: String) {
        #expect(HistoryCursor(token: token) == nil)
    }

    @Test(
        "nor is base64 of something else",
        arguments: [
            "", ":", ":s-1", "x:s-1", "1.5:s-1", " 1:s-1", "17637000", "99999999999999999999:s-1", "9223372036854775807:s-1",
            "-9223372036854775808:s-1",
            "253402300800000:s-1", "-62167219200001:s-1", "+1:s-1", "01:s-1", "-0:s-1", "1:", "1:a\u{0}b", "1:a\nb",
            "1:\(String(repeating: "x", count: 257))",
        ])
    func otherText(text: String) {
        #expect(HistoryCursor(token: Data(text.utf8).base64EncodedString().replacing("=", with: "")) == nil)
    }

    /// Padding, the other alphabet, and bits of the last character that base64 passes over.
    @Test("nor is another way to write one", arguments: ["MTc2MzcwMDAwMDAwMDpzLTE=", "MDo/fj9+", "MDo_fj9+", "MTc2MzcwMDAwMDAwMDpzLTF"])
    func otherForm(token: String) {
        #expect(HistoryCursor(token: token) == nil)
    }

    @Test("nor are bytes that are no UTF-8")
    func invalidUTF8() {
        #expect(HistoryCursor(token: Data([0x31, 0x3a, 0xff, 0xfe]).base64EncodedString().replacing("=", with: "")) == nil)
    }
}
