/// A maximal stretch of consecutive `seq` of one session, reduced to what credit can still depend on.
public struct SequenceRun: Sendable, Hashable {
    /// One end of a run: an event as far as its neighbours need it.
    public struct End: Sendable, Hashable {
        public var seq: Int64
        public var positionMs: Int64
        public var occurredAt: Timestamp
        public var kind: EventKind

        public init(seq: Int64, positionMs: Int64, occurredAt: Timestamp, kind: EventKind) {
            self.seq = seq
            self.positionMs = positionMs
            self.occurredAt = occurredAt
            self.kind = kind
        }
    }

    public private(set) var first: End
    /// The playhead before the first event, where that is a seek that told it: what a run before this one is credited up to.
    public private(set) var firstFromPositionMs: Int64?
    public private(set) var last: End
    /// The credit earned between the run's own events, in milliseconds.
    public private(set) var creditMs: Int64
    /// The latest time inside the run at which credit above 0 was earned.
    public private(set) var lastCreditAt: Timestamp?

    /// A run as it was stored.
    public init(first: End, firstFromPositionMs: Int64?, last: End, creditMs: Int64, lastCreditAt: Timestamp?) {
        self.first = first
        self.firstFromPositionMs = firstFromPositionMs
        self.last = last
        self.creditMs = creditMs
        self.lastCreditAt = lastCreditAt
    }

    /// A run of one event.
    init(_ event: PlaybackEvent) {
        first = End(event)
        firstFromPositionMs = event.kind == .seek ? event.fromPositionMs : nil
        last = first
        creditMs = 0
    }

    /// Takes the run that follows; the credit between the two is no longer that of a gap.
    mutating func join(_ next: SequenceRun) {
        let between = Credit.earned(from: last, to: next)
        creditMs = min(creditMs + between + next.creditMs, EventLimits.largestCredit)
        // Not simply the later run's: times need not rise with seq.
        if between > 0 { lastCreditAt = latest(lastCreditAt, next.first.occurredAt) }
        lastCreditAt = latest(lastCreditAt, next.lastCreditAt)
        last = next.last
    }
}

extension SequenceRun.End {
    init(_ event: PlaybackEvent) {
        self.init(seq: event.seq, positionMs: event.positionMs, occurredAt: event.occurredAt, kind: event.kind)
    }
}

/// Watch time between two events that are neighbours by `seq`.
enum Credit {
    /// clamp(end − position of a, 0, 2 × the time between) where `a` leaves the player playing, else 0.
    ///
    /// Twice the clock allows for double speed; nothing is extrapolated beyond the last report. `b` is the first event of a run.
    static func earned(from a: SequenceRun.End, to b: SequenceRun) -> Int64 {
        guard a.kind.leavesPlaying else { return 0 }
        // Up to a seek the player played from a to where the seek began, which only the seek can tell.
        let end = b.first.kind == .seek ? b.firstFromPositionMs ?? a.positionMs : b.first.positionMs
        return min(max(end - a.positionMs, 0), 2 * max(b.first.occurredAt - a.occurredAt, 0))
    }
}

/// The later of two times of which either may be missing.
func latest(_ a: Timestamp?, _ b: Timestamp?) -> Timestamp? {
    guard let a, let b else { return a ?? b }
    return max(a, b)
}
