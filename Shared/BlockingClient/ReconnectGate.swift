/// Decides when a lost connection may be tried again, and what is said about it.
///
/// While the gate is closed, requests fail at once instead of waiting for a connect timeout each: a dead server costs its
/// callers nothing. Trouble is reported once when it begins and once when it ends, not once a retry.
public struct ReconnectGate: Sendable {
    private var backoff: Backoff
    private var nextAttempt: ContinuousClock.Instant?

    public init(backoff: Backoff = Backoff()) {
        self.backoff = backoff
    }

    /// Whether a connection may be attempted now.
    public func isOpen(at now: ContinuousClock.Instant = .now) -> Bool {
        nextAttempt.map { now >= $0 } ?? true
    }

    /// Notes a failed attempt or a connection that broke.
    /// - Returns: whether this is the first failure since the last success, which is the one to report.
    public mutating func failed(at now: ContinuousClock.Instant = .now) -> Bool {
        let isFirst = backoff.failures == 0
        nextAttempt = now + backoff.next()
        return isFirst
    }

    /// Notes a working connection.
    /// - Returns: whether it ends a failure, which is worth a report.
    public mutating func succeeded() -> Bool {
        defer { backoff.reset() }
        nextAttempt = nil
        return backoff.failures > 0
    }
}
