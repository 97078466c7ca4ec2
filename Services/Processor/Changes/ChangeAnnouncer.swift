import BlockingClient
import CoreMetrics
import EventStream
import HistoryStore
import Models

/// Tells the followers of the history what was committed, before its entries are acknowledged: a crash between is announced again.
struct ChangeAnnouncer: Sendable {
    let feed: ChangeFeed
    let outbox: ChangeOutbox
    let persistence: Persistence
    let metrics: ProcessorMetrics

    /// Returns once the changes are in the feed, or where it will be filled from.
    /// - Throws: ``Interruption/stopping``; the entries must not be acknowledged then.
    func announce(_ changes: [HistoryChange]) async throws(Interruption) {
        guard !changes.isEmpty else { return }
        let isTaken = try await persistence.until("redis") { () async throws(RedisError) -> Bool in
            do throws(RedisError) {
                try await feed.append(changes)
                return true
            } catch let error where error.kind == .server(code: "OOM") {
                return false
            }
        }
        metrics.announced.increment(by: changes.count)
        // A full Redis becomes empty only if its entries are acknowledged, so that must not wait for room in the feed.
        if !isTaken { try await persistence.until("postgres") { () async throws(PostgresError) in try await outbox.keep(changes) } }
    }
}
