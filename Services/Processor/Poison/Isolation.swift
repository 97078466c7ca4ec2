import CoreMetrics
import EventStream
import HistoryStore

/// Processes an entry alone that was delivered so often that its readers may have died of it.
///
/// A mark stands in Redis for as long as the attempt takes. Processes that die of the entry leave theirs behind; three of them make it
/// dead. Waiting for a server happens without a mark: being killed then says nothing about the entry.
struct Isolation: Sendable {
    /// An entry delivered more often is processed alone.
    static let harmlessDeliveries = 5
    /// So many marks left behind make an entry dead.
    static let fatalMarks = 3

    let applier: EntryApplier
    let marks: IsolationMarks
    let persistence: Persistence
    let metrics: ProcessorMetrics

    /// - Returns: once the entry is applied or dead, or the breaker opened.
    /// - Throws: ``Interruption/stopping``
    func apply(_ entry: StreamEntry) async throws(Interruption) -> EntryApplier.Verdict {
        metrics.isolated.increment()
        let verdict = try await verdict(on: entry)
        if verdict == .applied {
            try await persistence.until("redis") { () async throws(RedisError) in try await marks.clear(entry) }
        }
        return verdict
    }

    private func verdict(on entry: StreamEntry) async throws(Interruption) -> EntryApplier.Verdict {
        while true {
            try await persistence.until("postgres") { () async throws(PostgresError) in try await applier.applier.probe() }
            let left = try await persistence.until("redis") { () async throws(RedisError) in try await marks.place(on: entry) }
            guard left < Self.fatalMarks else {
                return try await persistence.until("postgres") { () async throws(PostgresError) in
                    try await applier.bury(entry, reason: "\(left) processors died while they processed this entry alone")
                }
            }
            let verdict: EntryApplier.Verdict?
            do throws(PostgresError) {
                verdict = try await applier.apply([entry])
            } catch {
                // Named by the probe that comes next, should it last.
                verdict = nil
            }
            try await persistence.until("redis") { () async throws(RedisError) in try await marks.remove(from: entry) }
            if let verdict { return verdict }
            try Persistence.requireRunning()
        }
    }
}
