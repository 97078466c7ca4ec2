import Models
import TestSupport
import Testing

@Suite("A session is completed")
struct CompletionTests {
    @Test(
        "from 90 % of the runtime on, without rounding",
        arguments: [
            (5_400_000, 4_860_000, true), (5_400_000, 4_859_999, false), (7, 7, true), (7, 6, false), (10, 9, true), (11, 10, true),
            (11, 9, false), (1, 0, false), (1 << 53, 8_106_479_329_266_893, true), (1 << 53, 8_106_479_329_266_892, false),
        ] as [(Int64, Int64, Bool)])
    func byPosition(runtimeMs: Int64, positionMs: Int64, completed: Bool) {
        let state = SessionState(.sample(kind: .stop, positionMs: positionMs, runtimeMs: runtimeMs))
        #expect(state.summary.completed == completed)
    }

    @Test("by a `complete` that nothing playing follows", arguments: EventKind.allCases)
    func byKind(follower: EventKind) throws {
        let events = [PlaybackEvent.sample(seq: 1, kind: .complete), .sample(seq: 2, kind: follower, positionMs: 0)]
        let completed = [.pause, .stop, .complete].contains(follower)
        #expect(try #require(SessionState.folding(events)).summary.completed == completed)
        #expect(try #require(SessionState.folding(events.reversed())).summary.completed == completed)
    }

    @Test("not by a position whose title's length nobody told")
    func unknownRuntime() {
        #expect(!SessionState(.sample(kind: .stop, positionMs: 1 << 53)).summary.completed)
    }

    @Test("by the runtime that the highest seq told, whichever came last")
    func latestRuntime() throws {
        let events = [PlaybackEvent.sample(seq: 0, runtimeMs: 10), .sample(seq: 1, runtimeMs: 1_000_000), .sample(seq: 2)]
        #expect(try #require(SessionState.folding(events.reversed())).summary.completed == false)
    }
}
