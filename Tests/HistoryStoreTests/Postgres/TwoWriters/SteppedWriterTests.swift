import Models
import Oracle
import TestSupport
import Testing

@testable import HistoryStore

extension TwoWriters {
    /// Reading and writing taken apart: orders of the steps are forced, and whether a write wins is foretold.
    @Suite("step by step")
    struct Stepped {
        @Test("in a random order leave the rows of the slow reference")
        func randomOrder() async throws {
            let database = try await TestDatabase()
            let writers = SteppedWriters(database)
            let trial = CaseTrial(
                deal: { DealtSession(seed: $0, run: $1) },
                apply: { cases in
                    try await writers.run(cases) { .init(random: SeededGenerator(seed: ~$0.seed)) }.reduce(into: AppliedCases()) {
                        $0 += $1.applied
                    }
                },
                stored: StoredCases(database), groupSize: 1000)
            let tally = try await trial.run(TwoWriters.cases)
            guard !RandomSession.isRepeating else { return }
            #expect(tally.eventful * 4 >= tally.cases * 3, "\(tally)")
            #expect(tally.applied.outcome.lostRaces * 2 > tally.cases, "\(tally)")
        }

        /// Four batches with a gap and repeated events, and each of the 4,096 orders in which A and B can take their first twelve steps.
        @Test("in every order leave the rows of the slow reference")
        func everyOrder() async throws {
            let database = try await TestDatabase()
            let events = [0, 1, 2, 4, 5].map { PlaybackEvent.sample(seq: $0) }
            let turns = [[0, 1], [0, 2], [4, 1], [5, 4]].map { $0.map { seq in PlaybackEvent.sample(seq: seq) } }
            let cases = (0..<UInt64(4096)).map {
                DealtSession(seed: $0, member: OpaqueID("m-\($0 % 8)"), candidates: [events], turns: turns)
            }
            let stepped = try await SteppedWriters(database).run(cases) { dealt in
                .init(order: (0..<12).map { Int(dealt.seed >> $0) & 1 }, isApplier: true, random: SeededGenerator(seed: dealt.seed))
            }
            let rows = try await StoredCases(database).faults(of: stepped.map { ($0.dealt.key, $0.dealt.candidates) })
            let faults = zip(stepped, rows).compactMap { $0.fault ?? $1 }
            #expect(faults.isEmpty, "\(faults.first ?? "")")
            // Both begin with seq 0, and whoever writes later takes the session for new when it is not.
            #expect(stepped.allSatisfy { $0.applied.outcome.lostRaces > 0 })
        }

        /// What is stored at last is what was written after the last removal, and nothing that was folded before it.
        @Test("with removals in between, bring nothing back that was removed")
        func removals() async throws {
            let database = try await TestDatabase()
            let writers = SteppedWriters(database)
            let stored = StoredCases(database)
            let seeds = try RandomSession.seeds(TwoWriters.cases / 6)
            var removed = 0
            for start in stride(from: 0, to: seeds.count, by: 500) {
                let cases = seeds[start..<min(start + 500, seeds.count)].map { DealtSession(seed: $0, run: 0, members: .max) }
                let stepped = try await writers.run(cases) { .init(removes: true, random: SeededGenerator(seed: ~$0.seed)) }
                let rows = try await stored.faults(of: stepped.map { ($0.dealt.key, $0.counted.isEmpty ? [] : [$0.counted]) })
                for (one, row) in zip(stepped, rows) {
                    if one.hasRemoved { removed += 1 }
                    if let fault = one.fault ?? row { Issue.record("TEST_SEED=\(one.dealt.seed): \(fault); \(one.dealt)") }
                }
            }
            #expect(RandomSession.isRepeating || removed * 2 > seeds.count)
        }
    }
}
