import Models
import Oracle
import TestSupport
import Testing

@testable import HistoryStore

extension TwoWriters {
    /// What holds of copies that differ, and of sessions with more than 512 runs, after the real write.
    @Suite("past the limits of the law", .serialized)
    struct Exceptions {
        @Test("count exactly one of the copies of an event, and the others as duplicates", arguments: TwoWriters.schedules)
        func copies(_ schedule: TwoAppliers.Schedule) async throws {
            let database = try await TestDatabase()
            let appliers = TwoAppliers(database)
            let trial = CaseTrial(
                deal: { seed, run in
                    var random = SeededGenerator(seed: seed)
                    let copies = RandomCopies(using: &random)
                    return DealtSession(
                        seed: seed, member: OpaqueID("m-\(run)-\(seed % 8)"), memory: .allCases.randomElement(using: &random)!,
                        candidates: copies.choices, turns: DealtSession.deal(copies.arrived, using: &random))
                },
                apply: { try await appliers.apply($0, schedule) }, stored: StoredCases(database), repeats: schedule.repeats)
            let tally = try await trial.run(TwoWriters.cases / 3)
            #expect(RandomSession.isRepeating || tally.applied.outcome.lostRaces > tally.cases / 4, "\(tally)")
        }

        @Test("keep 512 runs, and what does not depend on the bridged gaps exact", arguments: TwoWriters.schedules)
        func manyRuns(_ schedule: TwoAppliers.Schedule) async throws {
            let database = try await TestDatabase()
            let cases = try RandomSession.seeds(12).map { seed in
                var random = SeededGenerator(seed: seed)
                let scatter = RandomScatter(timesRise: true, using: &random)
                return DealtSession(
                    seed: seed, member: "m-1", candidates: [scatter.events], turns: DealtSession.deal(scatter.arrived, using: &random))
            }
            let applied = try await TwoAppliers(database).apply(cases, schedule)
            let rows = try await GuardedWrite(connection: database.connection()).load(cases.map(\.key)).map(\.row)
            let reader = HistoryReader(pool: database.pool())
            for (dealt, row) in zip(cases, rows) {
                let state = try #require(row?.state)
                #expect(try await reader.session(dealt.key)?.session.summary == state.summary, "TEST_SEED=\(dealt.seed)")
                // With one writer at a time the order of arrival is known, and with it the row.
                if schedule == .takingTurns {
                    #expect(state == SessionState.folding(dealt.turns.flatMap(\.self)), "TEST_SEED=\(dealt.seed)")
                }
                Self.check(state, of: dealt.candidates[0], "TEST_SEED=\(dealt.seed)")
            }
            let counted = rows.reduce(0) { $0 + Int($1?.state.eventCount ?? 0) }
            #expect(applied.outcome.applied == counted)
            #expect(applied.outcome.applied + applied.outcome.duplicates == cases.reduce(0) { $0 + $1.deliveries })

            // For ever: not even all of its events, once more, make such a session exact.
            let again = try await SessionApplier(connection: database.connection()).apply(cases.flatMap { $0.candidates[0] })
            #expect(again.applied == 0 && again.writtenRows == 0)
        }

        /// What holds of a session of which `events` arrived, whose times rise with seq.
        private static func check(_ state: SessionState, of events: [PlaybackEvent], _ comment: Comment) {
            let summary = state.summary
            let exact = SlowReference(events).summary
            let (first, last) = (events[0], events[events.count - 1])
            #expect(summary.approximate, comment)
            #expect(state.runs.count <= SessionState.maximalRuns, comment)
            let runs = state.sequenceRuns
            #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound }, comment)
            let seqs = Set(events.map(\.seq))
            #expect(runs.allSatisfy { seqs.contains($0.lowerBound) && seqs.contains($0.upperBound) }, comment)

            #expect(summary.positionMs == exact.positionMs && summary.titleId == exact.titleId, comment)
            #expect(summary.startedAt == exact.startedAt, comment)
            #expect(state.eventCount <= Int64(events.count), comment)
            #expect(summary.missingEvents == last.seq + 1 - state.eventCount, comment)
            #expect(summary.missingEvents >= exact.missingEvents, comment)
            #expect((0...2 * (last.occurredAt - first.occurredAt)).contains(summary.watchedMs), comment)
            #expect((summary.startedAt...last.occurredAt + first.skewMs).contains(summary.lastWatchedAt), comment)
        }
    }
}
