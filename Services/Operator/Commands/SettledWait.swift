import BlockingClient
import EventStream

/// Waits until no edge has anything in its spool and processors have applied everything that was accepted before the wait began.
struct SettledWait {
    private static let interval = Duration.milliseconds(100)

    let inspector: StreamInspector
    let spools: SpoolLedger
    let timeout: Duration

    /// - Parameter progress: is told how things stand.
    /// - Returns: nil once nothing is unapplied, or why it is not after the timeout.
    func run(progress: (String) -> Void) async throws -> String? {
        let deadline = ContinuousClock.now + timeout
        var beganMs: Int64?
        while true {
            let state: String
            do {
                let began = if let beganMs { beganMs } else { try await spools.now() }
                beganMs = began
                guard let unapplied = try await unapplied(sinceMs: began) else { return nil }
                state = unapplied
            } catch {
                guard error.failureClass == .retryable else { throw error }
                state = "\(error)"
            }
            guard ContinuousClock.now < deadline else { return state }
            progress("waiting until everything is applied: \(state)")
            try await Task.sleep(for: Self.interval)
        }
    }

    /// What is still to be applied; nil when nothing is.
    private func unapplied(sinceMs beganMs: Int64) async throws(RedisError) -> String? {
        // First the spools: what leaves them meanwhile is in the streams then.
        if let spooled = Self.unsettled(try await spools.folders(), sinceMs: beganMs) { return spooled }
        let ages = try await inspector.partitions(group: StreamNames.historyGroup).compactMap(\.oldestUnappliedAgeMs)
        return ages.max().map { "\(ages.count) partitions have unapplied entries, the oldest is \($0 / 1000) s old" }
    }

    /// Why spools may hold what was accepted before `beganMs`; nil where they do not. Pure.
    ///
    /// An edge that could not reach Redis has not told: its silence counts as something held.
    static func unsettled(_ folders: [SpoolLedger.Folder], sinceMs beganMs: Int64) -> String? {
        if let line = StatusReport.spoolLine(folders) { return line }
        guard let silent = folders.filter({ $0.publishedAtMs <= beganMs }).min(by: { $0.publishedAtMs < $1.publishedAtMs }) else {
            return nil
        }
        return "the edge of spool \(silent.name) has told nothing for \(max(beganMs - silent.publishedAtMs, 0) / 1000) s"
    }
}
