import Models
import Oracle
import TestSupport
import Testing

@Suite("Ids are equal where their bytes are")
struct OpaqueIDTests {
    /// Pairs that `String` takes for equal.
    private static let equivalent: [(String, String)] = [
        ("\u{e9}", "e\u{301}"), ("caf\u{e9}", "cafe\u{301}"), ("\u{ac00}", "\u{1100}\u{1161}"), ("\u{212b}", "\u{c5}"),
        ("a\u{323}\u{307}", "a\u{307}\u{323}"),
    ]

    @Test("canonically equivalent texts are different ids", arguments: equivalent)
    func equivalentTexts(left: String, right: String) {
        #expect(left == right, "else the pair proves nothing")
        #expect(OpaqueID(left) != OpaqueID(right))
        #expect(Set([OpaqueID(left), OpaqueID(right), OpaqueID(left)]).count == 2)
        #expect((OpaqueID(left) < OpaqueID(right)) != (OpaqueID(right) < OpaqueID(left)))
        #expect(OpaqueID(left).hashValue != OpaqueID(right).hashValue)
    }

    @Test(
        "the same bytes are the same id, however the text came about",
        arguments: ["", "x", "caf\u{e9}", String(repeating: "x", count: 256)]
    )
    func sameBytes(text: String) {
        let padded = "(\(text))"
        let other = OpaqueID(String(padded.dropFirst().dropLast()))
        #expect(OpaqueID(text) == other)
        #expect(OpaqueID(text).hashValue == other.hashValue)
        #expect(other.text.utf8.elementsEqual(text.utf8))
        #expect("\(other)".utf8.elementsEqual(text.utf8))
    }

    @Test("the order is that of the bytes")
    func order() {
        // By UTF-16 U+1F600 would come before U+FF5E, by locale "a" before "B".
        let sorted: [OpaqueID] = ["", "\u{1}", "10", "9", "B", "Z", "a", "aa", "ab", "e\u{301}", "z", "\u{e9}", "\u{ff5e}", "\u{1f600}"]
        var random = SeededGenerator(seed: 14)
        #expect(sorted.shuffled(using: &random).sorted() == sorted)
        for id in sorted { #expect(!(id < id)) }
    }

    @Test("titles that differ only in their form are different titles to the fold")
    func titles() {
        var state = SessionState(.sample(seq: 0, titleId: "\u{e9}"))
        state.apply(.sample(seq: 1, titleId: "e\u{301}"))
        #expect(state.summary.titleId == "e\u{301}")
        #expect(state.summary.titleId != "\u{e9}")
    }

    @Suite("Session keys")
    struct Keys {
        private static func key(_ memberId: OpaqueID, _ sessionId: OpaqueID) -> SessionKey {
            SessionKey(memberId: memberId, sessionId: sessionId)
        }

        @Test("an event's key has its member and its session")
        func ofEvent() {
            #expect(PlaybackEvent.sample().key == Self.key("m-42", "s-1"))
        }

        @Test("the boundary between member and session counts")
        func boundary() {
            #expect(Self.key("ab", "c") != Self.key("a", "bc"))
            #expect(Self.key("ab", "c").hashValue != Self.key("a", "bc").hashValue)
        }

        @Test("the order is by member, then by session")
        func order() {
            let sorted = [Self.key("a", "y"), Self.key("a", "z"), Self.key("aa", "a"), Self.key("b", ""), Self.key("b", "a")]
            var random = SeededGenerator(seed: 5)
            #expect(sorted.shuffled(using: &random).sorted() == sorted)
        }
    }
}
