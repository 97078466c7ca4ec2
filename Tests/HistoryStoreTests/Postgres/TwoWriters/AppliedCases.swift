@testable import HistoryStore

/// What the writes of some cases came to.
struct AppliedCases: Sendable {
    var outcome = SessionApplier.Outcome()
    /// What went wrong with cases on the way, by their seeds.
    var faults: [UInt64: String] = [:]

    static func += (total: inout Self, one: Self) {
        total.outcome += one.outcome
        total.faults.merge(one.faults) { first, _ in first }
    }
}

extension SessionApplier.Outcome {
    static func += (total: inout Self, one: Self) {
        total.applied += one.applied
        total.duplicates += one.duplicates
        total.erased += one.erased
        total.lostRaces += one.lostRaces
        total.writtenRows += one.writtenRows
        total.cacheHits += one.cacheHits
        total.loadedRows += one.loadedRows
    }
}
