import BlockingClient
import CoreMetrics
import EventStream
import HistoryStore

/// Processes an entry alone that was delivered so often that its readers may have died of it.
///
/// A mark stands in Redis for as long as the attempt takes. Processes that die of the entry leave theirs behind; three of them make it
/// dead. Between two attempts, while a server is waited for, there is no mark: being killed then says nothing about the entry.
struct Isolation: Sendable {
    /// An entry delivered more often is processed alone.
    static let harmlessDeliveries = 5
    /// So many marks left behind make an entry dead.
    static let fatalMarks = 3

    let applier: EntryApplier
    let marks: IsolationMarks
    let connection: RedisConnection
    let persistence: Persistence
    let metrics: ProcessorMetrics

    /// - Parameter work: applies the entry.
    /// - Returns: what `work` returns, once it does; or that the entry is applied, when it was set aside as dead.
    /// - Throws: ``Interruption/stopping``
    func process(
        _ entry: StreamEntry, by work: (StreamEntry) async throws(PostgresError) -> EntryApplier.Verdict
    ) async throws(Interruption) -> EntryApplier.Verdict {
        metrics.isolated.increment()
        var backoff = persistence.backoff
        while true {
            let verdict: EntryApplier.Verdict
            switch try await attempt(entry, by: work) {
            case .success(let done): verdict = done
            case .failure(let error):
                try await persistence.wait(for: "postgres", after: error, &backoff)
                continue
            }
            persistence.noteWorking("postgres", after: backoff)
            if case .applied = verdict {
                try await persistence.until("redis") { () async throws(RedisError) in try await marks.clear(entry, over: connection) }
            }
            return verdict
        }
    }

    private func attempt(
        _ entry: StreamEntry, by work: (StreamEntry) async throws(PostgresError) -> EntryApplier.Verdict
    ) async throws(Interruption) -> Result<EntryApplier.Verdict, PostgresError> {
        // A database that does not answer, or lets others wait, is found out before the mark is set: being killed while one waits for it
        // says nothing about the entry.
        do throws(PostgresError) { try await applier.probe(entry) } catch { return .failure(error) }
        let left = try await persistence.until("redis") { () async throws(RedisError) in try await marks.place(on: entry, over: connection)
        }
        let result: Result<EntryApplier.Verdict, PostgresError>
        do throws(PostgresError) {
            if left < Self.fatalMarks {
                result = .success(try await work(entry))
            } else {
                try await applier.bury(entry, reason: "\(left) processors died while they processed this entry alone")
                result = .success(.applied(writtenRows: 0))
            }
        } catch {
            result = .failure(error)
        }
        try await persistence.untilOrPatienceEnds("redis") { () async throws(RedisError) in
            try await marks.remove(from: entry, over: connection)
        }
        return result
    }
}
