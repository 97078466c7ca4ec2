import Models
import TestSupport
import Testing

@testable import HistoryStore

/// The real guarded write with two writers of the same sessions, against ``SlowReference``.
///
/// Every run draws new cases. One that fails prints its seed, and `TEST_SEED=<seed> swift test --filter TwoWriters` tries it again, alone.
/// One suite after the other, so that they do not compete for the database.
@Suite("Two writers of the same sessions", .serialized)
enum TwoWriters {
    /// Of each way of writing. A build for debugging, as the thread sanitizer's is, tries a tenth.
    static let cases: Int = {
        #if DEBUG
            600
        #else
            6000
        #endif
    }()

    /// Where one way of two appliers is enough for the thread sanitizer, it is that in which their transactions overlap.
    static let schedules: [TwoAppliers.Schedule] = {
        #if DEBUG
            [.atTheSameTime]
        #else
            [.takingTurns, .atTheSameTime]
        #endif
    }()

    /// Two appliers as two processors have them.
    @Suite("leave the rows of the slow reference")
    struct Appliers {
        @Test("when they take turns")
        func takingTurns() async throws {
            let tally = try await run(.takingTurns)
            guard !RandomSession.isRepeating else { return }
            #expect(tally.eventful * 4 >= tally.cases * 3, "\(tally)")
            #expect(tally.applied.outcome.lostRaces * 2 > tally.cases, "\(tally)")
        }

        @Test("when they run at the same time")
        func atTheSameTime() async throws {
            let tally = try await run(.atTheSameTime)
            guard !RandomSession.isRepeating else { return }
            #expect(tally.eventful * 4 >= tally.cases * 3, "\(tally)")
            #expect(tally.applied.outcome.lostRaces * 2 > tally.cases, "\(tally)")
            #expect(tally.overlaps > 0, "no two transactions overlapped: \(tally)")
        }

        /// A transaction has at most 4,096 rows: each of these batches takes two, and more where a race is lost.
        @Test("when a batch takes several transactions", arguments: TwoWriters.schedules)
        func largeBatches(_ schedule: TwoAppliers.Schedule) async throws {
            let database = try await TestDatabase()
            let appliers = TwoAppliers(database)
            let turns = [[0, 1], [2], [4], [1, 5]].map { $0.map { PlaybackEvent.sample(seq: $0) } }
            let events = [0, 1, 2, 4, 5].map { PlaybackEvent.sample(seq: $0) }
            let trial = CaseTrial(
                deal: { seed, run in
                    DealtSession(seed: seed, member: OpaqueID("m-\(run)-\(seed % 8)"), candidates: [events], turns: turns)
                },
                apply: { try await appliers.apply($0, schedule) }, stored: StoredCases(database), groupSize: 5000,
                repeats: schedule.repeats)
            let tally = try await trial.run(5000)
            // In turn, each second batch of a writer finds the rows that it remembers changed.
            #expect(schedule == .atTheSameTime || tally.applied.outcome.lostRaces == 2 * tally.cases, "\(tally)")
        }

        private func run(_ schedule: TwoAppliers.Schedule) async throws -> CaseTrial.Tally {
            let database = try await TestDatabase()
            let appliers = TwoAppliers(database)
            let trial = CaseTrial(
                deal: { DealtSession(seed: $0, run: $1) }, apply: { try await appliers.apply($0, schedule) }, stored: StoredCases(database),
                repeats: schedule.repeats)
            return try await trial.run(TwoWriters.cases)
        }
    }
}
