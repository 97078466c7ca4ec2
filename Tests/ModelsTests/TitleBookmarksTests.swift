import Models
import Oracle
import TestSupport
import Testing

@Suite("What is kept of a title's sessions tells its bookmark")
struct TitleBookmarksTests {
    private func random(_ number: Int, using random: inout SeededGenerator) -> TitleBookmark {
        let started = Int64.random(in: 0..<6, using: &random)
        return TitleBookmark(
            titleId: "t", sessionId: OpaqueID("s-\(number)"), startedAt: started,
            lastWatchedAt: started + Int64.random(in: 0..<4, using: &random),
            positionMs: 1, runtimeMs: nil, completed: random.chance(30), hasCredit: random.chance(50))
    }

    @Test("whatever is hidden, by sorting all of them")
    func againstSorting() throws {
        for seed in try RandomSession.seeds(500) {
            var generator = SeededGenerator(seed: seed)
            let all = (0..<Int.random(in: 1...6, using: &generator)).map { random($0, using: &generator) }
            let kept = TitleBookmarks(all)
            #expect(kept.all.count <= 2)
            for until in -1...10 as ClosedRange<Int64> {
                let shown = all.filter { $0.lastWatchedAt > until }
                #expect(
                    kept.bookmark(hiddenUntil: until) == shown.sorted { $0.precedes($1) }.first, "TEST_SEED=\(seed), hidden until \(until)")
            }
            #expect(kept.bookmark() == all.sorted { $0.precedes($1) }.first, "TEST_SEED=\(seed)")
            // In whatever order.
            #expect(TitleBookmarks(all.shuffled(using: &generator)) == kept, "TEST_SEED=\(seed)")
        }
    }
}

@Suite("What a member's sessions are to the sums of a day")
struct ViewingTests {
    private func summary(_ title: OpaqueID, day: Int64, watchedMs: Int64 = 10, completed: Bool = false) -> SessionSummary {
        SessionSummary(
            titleId: title, startedAt: day * TitleDay.milliseconds + 1, lastWatchedAt: day * TitleDay.milliseconds + 2, positionMs: 0,
            runtimeMs: nil, watchedMs: watchedMs, completed: completed, deviceId: nil, deviceType: nil, missingEvents: 0, approximate: false
        )
    }

    @Test("sessions of one title and day are one viewer") func oneViewer() {
        let viewing = Viewing.of([summary("a", day: 3), summary("a", day: 3, completed: true), summary("b", day: 3)], besideViewingOf: [])
        #expect(viewing[TitleDay(titleId: "a", day: 3)] == ViewingDay(views: 2, watchedMs: 20, completions: 1, viewers: 1))
        #expect(viewing[TitleDay(titleId: "b", day: 3)] == ViewingDay(views: 1, watchedMs: 10, completions: 0, viewers: 1))
    }

    @Test("who is counted already is not counted again") func beside() {
        let known: Set = [TitleDay(titleId: "a", day: 3), TitleDay(titleId: "b", day: 4)]
        let viewing = Viewing.of([summary("a", day: 3), summary("a", day: 4)], besideViewingOf: known)
        #expect(viewing[TitleDay(titleId: "a", day: 3)]?.viewers == 0)
        #expect(viewing[TitleDay(titleId: "a", day: 4)]?.viewers == 1)
    }

    @Test("watch time is summed past what 64 bits hold") func overflow() {
        let viewing = Viewing.of([summary("a", day: 0, watchedMs: .max), summary("a", day: 0, watchedMs: .max)], besideViewingOf: [])
        #expect(viewing[TitleDay(titleId: "a", day: 0)]?.watchedMs == 2 * Int128(Int64.max))
    }
}
