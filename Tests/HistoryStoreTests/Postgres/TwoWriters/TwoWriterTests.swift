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

    /// Two appliers as two processors have them.
    @Suite("leave the rows of the slow reference")
    struct Appliers {
        @Test("when they take turns")
        func takingTurns() async throws {
            let tally = try await run(.takingTurns)
            guard !RandomSession.isRepeating else { return }
            #expect(tally.eventful * 10 >= tally.cases * 8, "\(tally)")
            #expect(tally.applied.outcome.lostRaces * 2 > tally.cases, "\(tally)")
            #expect(tally.applied.retries == 0)
        }

        @Test("when they run at the same time")
        func atTheSameTime() async throws {
            let tally = try await run(.atTheSameTime)
            guard !RandomSession.isRepeating else { return }
            #expect(tally.eventful * 10 >= tally.cases * 8, "\(tally)")
            #expect(tally.applied.outcome.lostRaces * 2 > tally.cases, "\(tally)")
            #expect(tally.overlaps > 0, "no two transactions overlapped: \(tally)")
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
