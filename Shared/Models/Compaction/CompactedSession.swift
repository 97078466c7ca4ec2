/// A session that rests: nothing but its fold state, from which everything that is shown follows.
public struct CompactedSession: Sendable, Hashable {
    public let sessionId: OpaqueID
    /// Of the row that it was.
    public let revision: Int64
    public let state: SessionState
    public let summary: SessionSummary

    public init(sessionId: OpaqueID, revision: Int64, state: SessionState) {
        self.sessionId = sessionId
        self.revision = revision
        self.state = state
        summary = state.summary
    }

    /// The order of history: newest `startedAt` first, then the greater id.
    public static func precedes(_ left: CompactedSession, _ right: CompactedSession) -> Bool {
        if left.summary.startedAt != right.summary.startedAt { return left.summary.startedAt > right.summary.startedAt }
        return right.sessionId < left.sessionId
    }
}

extension SessionState {
    /// The latest time that its events tell, at the ends of its runs, corrected by the skew: a session has ended by then as far as is known.
    public var endedAt: Timestamp {
        var latest = earliestAt
        for run in runs { latest = max(latest, run.first.occurredAt, run.last.occurredAt) }
        return EventLimits.corrected(latest, bySkew: skewMs)
    }
}
