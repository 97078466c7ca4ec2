import BlockingClient
import EventStream

/// Waits until processors have applied everything that was accepted.
struct SettledWait {
    private static let interval = Duration.milliseconds(100)

    let inspector: StreamInspector
    let timeout: Duration

    /// - Parameter progress: is told how things stand.
    /// - Returns: nil once nothing is unapplied, or why it is not after the timeout.
    func run(progress: (String) -> Void) async throws -> String? {
        let deadline = ContinuousClock.now + timeout
        while true {
            let state: String
            do {
                guard let unapplied = try await unapplied() else { return nil }
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
    private func unapplied() async throws(RedisError) -> String? {
        let ages = try await inspector.partitions(group: StreamNames.historyGroup).compactMap(\.oldestUnappliedAgeMs)
        return ages.max().map { "\(ages.count) partitions have unapplied entries, the oldest is \($0 / 1000) s old" }
    }
}
