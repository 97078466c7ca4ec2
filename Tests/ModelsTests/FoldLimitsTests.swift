import Models
import Oracle
import TestSupport
import Testing

/// Where the law "the state is a function of the set of events" ends, and that it ends nowhere else.
@Suite("The fold's limits")
struct FoldLimitsTests {
    @Suite("Copies of one event with differing content")
    struct Copies {
        @Test("exactly one counts, wherever it stands and whichever came first", arguments: [0, 2, 4] as [Int64], [true, false])
        func exactlyOneCounts(seq: Int64, originalFirst: Bool) throws {
            let others = (0...4).filter { $0 != seq }.map { PlaybackEvent.sample(seq: $0) }
            let original = PlaybackEvent.sample(seq: seq, titleId: "original")
            let copy = PlaybackEvent.sample(
                seq: seq, kind: .complete, positionMs: 1, runtimeMs: 1000, occurredAt: PlaybackEvent.sampleTime - 1, titleId: "copy",
                deviceId: "d", deviceType: "tv", skewMs: 90_000)
            let (first, second) = originalFirst ? (original, copy) : (copy, original)

            let taken = try #require(SessionState.folding([first] + others))
            var state = taken
            let counted = state.apply(second)
            #expect(!counted && state == taken)
            #expect(SessionState.folding([first, second] + others) == taken)
            #expect(SessionState.folding(others + [first, second]) == taken)
            #expect(SessionState.folding(others + [second, first]) != taken, "the copies must differ in what they lead to")
        }

        @Test("of any number of copies in any order the one that came first counts")
        func firstCounts() throws {
            for seed in try RandomSession.seeds(1000) {
                var random = SeededGenerator(seed: seed)
                let copies = RandomCopies(using: &random)
                let state = try #require(SessionState.folding(copies.arrived))
                let reference = SlowReference(copies.arrived)
                try #require(state.summary == reference.summary && state == SessionState.folding(reference.events), "TEST_SEED=\(seed)")
                try #require(copies.choices.contains { SessionState.folding($0) == state }, "TEST_SEED=\(seed)")
            }
        }
    }

    @Suite("More runs than are kept")
    struct ManyRuns {
        private static let gap: Int64 = 10

        /// Runs of one event each, ten apart, the last `seq` being 10 × (count − 1).
        private static func scattered(_ count: Int) -> [PlaybackEvent] {
            (0..<Int64(count)).map { .sample(seq: $0 * gap) }
        }

        /// As many runs as are kept exactly, the first at 0, the last at 5,110.
        private static func full() throws -> SessionState {
            try #require(SessionState.folding(scattered(512)))
        }

        @Test("512 runs are exact, in any order")
        func exactUpToTheLimit() throws {
            #expect(SessionState.maximalRuns == 512)
            let events = Self.scattered(512)
            let reference = SlowReference(events)
            var random = SeededGenerator(seed: 512)
            for _ in 0..<3 {
                let state = try #require(SessionState.folding(events.shuffled(using: &random)))
                #expect(state.runs.count == 512)
                #expect(!state.approximate)
                #expect(state.summary == reference.summary)
            }
        }

        @Test("events that close every gap of 512 runs leave one exact run")
        func gapsClose() throws {
            var random = SeededGenerator(seed: 1023)
            let events = (0..<1023).map { PlaybackEvent.sample(seq: $0) }
            let odd = events.filter { $0.seq % 2 == 1 }
            let even = events.filter { $0.seq % 2 == 0 }
            let state = try #require(SessionState.folding(even.shuffled(using: &random) + odd.shuffled(using: &random)))
            #expect(state.sequenceRuns == [0...1022])
            #expect(!state.approximate)
            #expect(state == SessionState.folding(events))
        }

        @Test("the 513th run makes two of them join: the row is approximate, the gap stays missing")
        func oneTooMany() throws {
            var state = try Self.full()
            let before = state.summary
            let added = state.apply(.sample(seq: 6000))
            #expect(added)
            #expect(state.runs.count == 512)
            #expect(state.approximate && state.summary.approximate)
            #expect(state.eventCount == 513)
            #expect(state.summary.missingEvents == 6001 - 513)
            // Credit across the gap is what it was while the gap was open.
            #expect(state.summary.watchedMs == before.watchedMs + (6000 - 5110) * 10_000)
        }

        @Test("of equal gaps the one with the lowest seq is bridged")
        func lowestSeqFirst() throws {
            var state = try Self.full()
            state.apply(.sample(seq: 6000))
            #expect(state.sequenceRuns.prefix(3) == [0...10, 20...20, 30...30])
            state.apply(.sample(seq: 7000))
            #expect(state.sequenceRuns.prefix(3) == [0...20, 30...30, 40...40])
        }

        @Test(
            "the smallest gap is bridged, wherever it is and whichever event made it",
            arguments: [(3, [3...10]), (18, [18...20]), (2513, [2510...2513]), (5107, [5107...5110]), (5112, [5110...5112])]
                as [(Int64, [ClosedRange<Int64>])])
        func smallestGap(seq: Int64, joined: [ClosedRange<Int64>]) throws {
            // Seq 3 lies nearer to 0 than to 10; without 0 it is the first run.
            let start = seq == 3 ? Self.scattered(513).dropFirst() : Self.scattered(512)[...]
            var state = try #require(SessionState.folding(start))
            state.apply(.sample(seq: seq))
            #expect(state.sequenceRuns.filter { $0.count > 1 } == joined)
            #expect(state.runs.count == 512)
        }

        @Test("the length of runs does not matter, only the gap between them", arguments: [101...107, 103...109] as [ClosedRange<Int64>])
        func gapNotDistance(run: ClosedRange<Int64>) throws {
            // It grows the run of 100 or of 110, which begin and end as far apart as every other two.
            var state = try #require(SessionState.folding(run.map { .sample(seq: $0) } + Self.scattered(512)))
            try #require(state.runs.count == 512 && !state.approximate)
            state.apply(.sample(seq: 6000))
            #expect(state.sequenceRuns.filter { $0.count > 1 } == [100...110])
        }

        @Test("an event of a bridged gap is taken for a duplicate", arguments: 1...9 as ClosedRange<Int64>)
        func bridgedEvent(seq: Int64) throws {
            var state = try Self.full()
            state.apply(.sample(seq: 6000))
            let before = state
            let counted = state.apply(.sample(seq: seq, kind: .complete, runtimeMs: 1, occurredAt: PlaybackEvent.sampleTime - 1))
            #expect(!counted && state == before)
        }

        @Test("approximate is for ever, and what was bridged is missing for ever")
        func forEver() throws {
            var state = try Self.full()
            state.apply(.sample(seq: 6000))
            for seq in 0...6000 as ClosedRange<Int64> { state.apply(.sample(seq: seq)) }
            #expect(state.sequenceRuns == [0...6000])
            #expect(state.approximate)
            #expect(state.summary.missingEvents == 9)
        }

        /// The law that is left past the limit: only the events of a bridged gap are lost on the way, and nothing else goes wrong.
        @Test("a row past the limit reads as if the events that were taken for duplicates had been lost")
        func readsAsWhatWasCounted() throws {
            for seed in try RandomSession.seeds(20) {
                var random = SeededGenerator(seed: seed)
                let scatter = RandomScatter(timesRise: random.chance(50), using: &random)
                var state = SessionState(scatter.arrived[0])
                var counted = [scatter.arrived[0]]
                for event in scatter.arrived.dropFirst() where state.apply(event) { counted.append(event) }
                var expected = SlowReference(counted).summary
                expected.approximate = true
                #expect(state.summary == expected, "TEST_SEED=\(seed)")
                #expect(Set(counted.map(\.seq)).count == counted.count && state.eventCount == Int64(counted.count), "TEST_SEED=\(seed)")
                // The ends of the session are always among them, and so is all that follows from them.
                let all = SlowReference(scatter.events).summary
                #expect(
                    counted.contains(scatter.events[0]) && counted.contains(scatter.events[scatter.events.count - 1]), "TEST_SEED=\(seed)")
                #expect(state.summary.titleId == all.titleId && state.summary.positionMs == all.positionMs, "TEST_SEED=\(seed)")
                #expect(state.skewMs == scatter.events[0].skewMs, "TEST_SEED=\(seed)")
                #expect(state.summary.startedAt >= all.startedAt, "TEST_SEED=\(seed)")
                let lost = Int64(scatter.events.count - counted.count)
                #expect(lost > 0 && state.summary.missingEvents == all.missingEvents + lost, "TEST_SEED=\(seed)")
            }
        }

        @Test("never more than 512 runs, whatever comes", arguments: 1...4 as ClosedRange<UInt64>)
        func neverMore(seed: UInt64) throws {
            var random = SeededGenerator(seed: seed)
            var state = SessionState(.sample(seq: 0))
            var taken: Int64 = 1
            for _ in 0..<3000 {
                if state.apply(.sample(seq: Int64.random(in: 0...1_000_000, using: &random))) { taken += 1 }
                try #require(state.runs.count <= 512)
            }
            let runs = state.sequenceRuns
            try #require(runs.count == 512)
            #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound }, "disjoint, never adjacent, in order")
            #expect(state.eventCount == taken)
            #expect(state.summary.missingEvents == runs[511].upperBound + 1 - taken)
        }
    }

    @Test("no events have no state")
    func nothing() {
        #expect(SessionState.folding([]) == nil)
    }

    @Test("the largest numbers that an event may have do not overflow")
    func largestNumbers() throws {
        let top = EventLimits.largestInteger
        let start = PlaybackEvent.sample(kind: .start, positionMs: 0, occurredAt: EventLimits.earliestTime)
        let end = PlaybackEvent.sample(seq: top, positionMs: top, runtimeMs: top, occurredAt: 253_402_300_799_999)
        let summary = try #require(SessionState.folding([end, start])).summary
        #expect(summary == SlowReference([start, end]).summary)
        #expect(summary.missingEvents == top - 1)
        #expect(summary.completed)
    }
}
