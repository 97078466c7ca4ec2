import Models
import TestSupport
import Testing

@testable import HistoryStore

/// Tries many cases at once, and names the seeds of those that fail.
struct CaseTrial {
    /// A case from its seed, in a run that has rows of its own.
    let deal: (_ seed: UInt64, _ run: Int) -> DealtSession
    /// Writes cases that have one kind of memory.
    let apply: ([DealtSession]) async throws -> AppliedCases
    let stored: StoredCases
    /// Sessions in a batch.
    var groupSize = 300
    /// How often a case is tried alone: more than once where not all that happens follows from its seed.
    var repeats = 1

    /// What all cases came to.
    struct Tally {
        var cases = 0
        var eventful = 0
        var applied = AppliedCases()
        /// Of cases whose writers remember nothing: races lost beyond those that a batch with seq 0 may lose by taking the session for new.
        /// Such a writer reads just before it writes, so the other committed in between.
        var overlaps = 0

        mutating func count(_ group: [DealtSession], _ applied: AppliedCases) {
            cases += group.count
            eventful += group.count(where: \.isEventful)
            self.applied += applied
            guard group[0].memory == .none else { return }
            let beginnings = group.reduce(0) { $0 + $1.turns.count { turn in turn.contains { $0.seq == 0 } } }
            overlaps += max(applied.outcome.lostRaces - beginnings, 0)
        }
    }

    func run(_ count: Int) async throws -> Tally {
        let seeds = try RandomSession.seeds(count)
        var tally = Tally()
        for run in 0..<(RandomSession.isRepeating ? repeats : 1) {
            let cases = Dictionary(grouping: seeds.map { deal($0, run) }, by: \.memory)
            for memory in DealtSession.Memory.allCases {
                let alike = cases[memory] ?? []
                for start in stride(from: 0, to: alike.count, by: groupSize) {
                    let group = Array(alike[start..<min(start + groupSize, alike.count)])
                    guard await isGood(group, &tally) else { return tally }
                }
            }
        }
        return tally
    }

    private func isGood(_ group: [DealtSession], _ tally: inout Tally) async -> Bool {
        let result = await result(of: group)
        tally.count(group, result.applied)
        if result.single.isEmpty, result.whole == nil { return true }
        // Of what is wrong with all together any may be the cause.
        let suspects = result.single.isEmpty ? group.map { (dealt: $0, fault: result.whole ?? "") } : Array(result.single.prefix(3))
        let attempts = suspects.count > 3 ? 1 : repeats
        var found = 0
        for (place, suspect) in suspects.enumerated() where found < 3 {
            if group.count > 1, await !failsAlone(suspect.dealt, place, attempts) { continue }
            found += 1
            Issue.record("TEST_SEED=\(suspect.dealt.seed): \(suspect.fault); \(suspect.dealt)")
        }
        if found == 0 {
            Issue.record(
                "TEST_SEED=\(group.map { String($0.seed) }.joined(separator: ",")), and not alone: \(suspects[0].fault); \(suspects[0].dealt)"
            )
        }
        return false
    }

    private func failsAlone(_ dealt: DealtSession, _ place: Int, _ attempts: Int) async -> Bool {
        for run in 0..<attempts {
            let alone = await result(of: [deal(dealt.seed, 1000 * (place + 1) + run)])
            if !alone.single.isEmpty || alone.whole != nil { return true }
        }
        return false
    }

    /// What is wrong with single cases, and with all of them together.
    private func result(
        of cases: [DealtSession]
    ) async -> (single: [(dealt: DealtSession, fault: String)], whole: String?, applied: AppliedCases) {
        do {
            let applied = try await apply(cases)
            let rows = try await stored.faults(of: cases.map { ($0.key, $0.candidates) })
            let single = zip(cases, rows).compactMap { dealt, row in (applied.faults[dealt.seed] ?? row).map { (dealt, $0) } }
            return (single, miscount(applied, of: cases), applied)
        } catch {
            return ([], "\(error)", AppliedCases())
        }
    }

    /// Whether every delivery was counted once, and every event once as new.
    private func miscount(_ applied: AppliedCases, of cases: [DealtSession]) -> String? {
        let outcome = applied.outcome
        let deliveries = cases.reduce(0) { $0 + $1.deliveries }
        let distinct = cases.reduce(0) { $0 + $1.distinct }
        let counted = outcome.applied + outcome.duplicates
        let isRight =
            counted == deliveries && outcome.erased == 0 && outcome.applied == distinct
        return isRight ? nil : "\(distinct) events in \(deliveries) deliveries are counted as \(outcome)"
    }
}
