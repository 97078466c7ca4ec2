import Models

extension PlaybackEvent {
    /// 2026-11-20T20:15:03.123Z.
    static let sampleTime: Timestamp = 1_795_205_703_123

    /// A valid event with nothing that is optional.
    static func sample(seq: Int64 = 0, kind: EventKind = .progress, fromPositionMs: Int64? = nil, skewMs: Int64 = 0) -> PlaybackEvent {
        PlaybackEvent(
            memberId: "m", sessionId: "s", seq: seq, kind: kind, titleId: "t", positionMs: seq * 10_000, fromPositionMs: fromPositionMs,
            occurredAt: sampleTime + seq * 10_000, receivedAt: sampleTime, skewMs: skewMs)
    }

    /// This event with one thing changed.
    func with(_ change: (inout PlaybackEvent) -> Void) -> PlaybackEvent {
        var event = self
        change(&event)
        return event
    }
}
