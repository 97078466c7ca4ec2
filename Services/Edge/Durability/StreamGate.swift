import BlockingClient

/// Whether events go to the streams at the moment. Pure: time and outcomes are told to it.
///
/// The first failure opens the gate, so that no further request waits for a Redis in trouble. While it is open, one probe at a time finds
/// out whether Redis is back: half-open, with backoff. Only a probe that succeeds closes it.
struct StreamGate: Sendable {
    enum State: Sendable, Hashable {
        /// Events go to the streams.
        case taking
        /// They do not.
        case open(reason: String, nextProbe: ContinuousClock.Instant)
    }

    private(set) var state: State
    private var backoff: Backoff
    private var closedAt: ContinuousClock.Instant?

    /// Open, as nothing is known of Redis yet; the first probe is due at once.
    init(backoff: Backoff = Backoff(base: .milliseconds(100), limit: .seconds(5)), at now: ContinuousClock.Instant) {
        state = .open(reason: "starting", nextProbe: now)
        self.backoff = backoff
    }

    var isTaking: Bool { state == .taking }

    /// Notes that Redis did not take events, or should not. While the gate is open it changes nothing: requests that were under way when
    /// it opened fail too.
    /// - Returns: whether this opened the gate.
    mutating func failed(_ reason: String, at now: ContinuousClock.Instant) -> Bool {
        guard isTaking else { return false }
        // A Redis that fails as soon as it gets work is not probed ten times a second.
        if let closedAt, now - closedAt > backoff.limit { backoff.reset() }
        state = .open(reason: reason, nextProbe: now + backoff.next())
        return true
    }

    /// Whether a probe is due.
    func wantsProbe(at now: ContinuousClock.Instant) -> Bool {
        if case .open(_, let nextProbe) = state { now >= nextProbe } else { false }
    }

    /// Notes a probe that failed.
    mutating func probeFailed(_ reason: String, at now: ContinuousClock.Instant) {
        state = .open(reason: reason, nextProbe: now + backoff.next())
    }

    /// Notes a probe that succeeded.
    /// - Returns: the reason for which the gate was open; nil where it was not.
    mutating func probeSucceeded(at now: ContinuousClock.Instant) -> String? {
        guard case .open(let reason, _) = state else { return nil }
        state = .taking
        closedAt = now
        return reason
    }
}
