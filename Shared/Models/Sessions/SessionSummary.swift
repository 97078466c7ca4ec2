/// What a session's state means to a reader.
public struct SessionSummary: Sendable, Hashable {
    public var titleId: OpaqueID
    /// The earliest time of the session, by the edge's clock where the device's is far off.
    public var startedAt: Timestamp
    /// The latest time at which watch credit was earned, else ``startedAt``: a paused device never counts as watching.
    public var lastWatchedAt: Timestamp
    /// That of the highest `seq`.
    public var positionMs: Int64
    public var runtimeMs: Int64?
    public var watchedMs: Int64
    public var completed: Bool
    public var deviceId: String?
    public var deviceType: String?
    /// How many events before the last one seen never arrived.
    public var missingEvents: Int64
    /// More than ``SessionState/maximalRuns`` runs arose: `watchedMs` may be a little off.
    public var approximate: Bool

    public init(
        titleId: OpaqueID, startedAt: Timestamp, lastWatchedAt: Timestamp, positionMs: Int64, runtimeMs: Int64?, watchedMs: Int64,
        completed: Bool, deviceId: String?, deviceType: String?, missingEvents: Int64, approximate: Bool
    ) {
        self.titleId = titleId
        self.startedAt = startedAt
        self.lastWatchedAt = lastWatchedAt
        self.positionMs = positionMs
        self.runtimeMs = runtimeMs
        self.watchedMs = watchedMs
        self.completed = completed
        self.deviceId = deviceId
        self.deviceType = deviceType
        self.missingEvents = missingEvents
        self.approximate = approximate
    }
}

extension SessionState {
    /// Credit across gaps is computed here, anew each time: it may shrink when a gap fills, so it is never stored.
    public var summary: SessionSummary {
        var watchedMs: Int64 = 0
        var lastCreditAt: Timestamp?
        for (index, run) in runs.enumerated() {
            watchedMs = min(watchedMs + run.creditMs, EventLimits.largestCredit)
            lastCreditAt = latest(lastCreditAt, run.lastCreditAt)
            guard index > 0 else { continue }
            let acrossGap = Credit.earned(from: runs[index - 1].last, to: run)
            if acrossGap > 0 {
                watchedMs = min(watchedMs + acrossGap, EventLimits.largestCredit)
                lastCreditAt = latest(lastCreditAt, run.first.occurredAt)
            }
        }
        let highest = runs[runs.count - 1].last
        return SessionSummary(
            titleId: titleId.value,
            startedAt: EventLimits.corrected(earliestAt, bySkew: skewMs),
            lastWatchedAt: EventLimits.corrected(lastCreditAt ?? earliestAt, bySkew: skewMs),
            positionMs: highest.positionMs,
            runtimeMs: runtimeMs?.value,
            watchedMs: watchedMs,
            completed: Completion.isCompleted(
                positionMs: highest.positionMs, runtimeMs: runtimeMs?.value, completeSeq: highestCompleteSeq, playingSeq: highestPlayingSeq),
            deviceId: deviceId?.value,
            deviceType: deviceType?.value,
            missingEvents: highest.seq + 1 - eventCount,
            approximate: approximate
        )
    }
}

/// When a title counts as watched to its end.
enum Completion {
    /// A `complete` that no playing event follows, or a last position of at least 90 % of the runtime.
    static func isCompleted(positionMs: Int64, runtimeMs: Int64?, completeSeq: Int64?, playingSeq: Int64?) -> Bool {
        if let completeSeq, completeSeq > playingSeq ?? -1 { return true }
        // Both are at most 2^53, so the products fit.
        guard let runtimeMs else { return false }
        return positionMs * 10 >= runtimeMs * 9
    }
}
