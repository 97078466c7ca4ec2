import Models
import Oracle
import TestSupport
import Testing

@testable import HistoryStore

@Suite("Events sorted into their sessions")
struct SessionGroupsTests {
    @Test("a session's events stand side by side in the order of arrival")
    func arrival() {
        let events = [("b", 3), ("a", 0), ("b", 1), ("a", 0), ("b", 2)].map { session, seq in
            PlaybackEvent.playing(session: OpaqueID(session), seq: Int64(seq))
        }
        let groups = SessionGroups(events)
        #expect(groups.keys.map(\.key.sessionId.text) == ["a", "b"])
        #expect((0..<2).map { Array(groups.indices($0)) } == [[1, 3], [0, 2, 4]])
        #expect((0..<2).map(groups.count) == [2, 3])
    }

    @Test("nothing makes no session")
    func nothing() {
        #expect(SessionGroups([]).keys.isEmpty)
    }

    /// Shorter than a word, exactly one or two, longer; beginnings in common, up to where the first two words end and past it.
    @Test(
        "sessions rise by the bytes of the member's id, then of their own",
        arguments: [
            ["", "a", "aa", "ab", "b"], ["1234567", "12345678", "123456789"], ["1234567", "12345678", "1234567z"],
            ["123456789012345", "1234567890123456", "12345678901234567"],
            ["1234567890123456a", "1234567890123456b", "1234567890123456bb"], ["z", "{", "\u{7f}", "\u{80}", "é", "€", "\u{1F600}"],
            ["\u{1}", "\u{1}\u{1}", "\u{2}"],
        ])
    func order(ids: [String]) {
        var random = SeededGenerator(seed: 7)
        let keys = ids.flatMap { member in ids.map { SessionKey(memberId: OpaqueID(member), sessionId: OpaqueID($0)) } }
        for _ in 0..<20 {
            let events = keys.shuffled(using: &random).map { PlaybackEvent.playing(member: $0.memberId, session: $0.sessionId, seq: 0) }
            let sorted = SessionGroups(events).keys.map { ($0.key.memberId.text, $0.key.sessionId.text) }
            let expected = ids.flatMap { member in ids.map { (member, $0) } }
            #expect(sorted.elementsEqual(expected, by: ==))
        }
    }
}
