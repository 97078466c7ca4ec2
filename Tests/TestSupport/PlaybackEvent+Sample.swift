import Models

extension PlaybackEvent {
    /// 2025-11-21T04:40:00Z: where the sessions of these tests begin.
    public static let sampleTime: Timestamp = 1_763_700_000_000

    /// A valid event. Unless told otherwise, one of a viewer who watches at normal speed and is reported every ten seconds.
    public static func sample(
        member: OpaqueID = "m-42", seq: Int64 = 0, kind: EventKind = .progress, positionMs: Int64? = nil, fromPositionMs: Int64? = nil,
        runtimeMs: Int64? = nil, occurredAt: Timestamp? = nil, titleId: OpaqueID = "t1", deviceId: String? = nil, deviceType: String? = nil,
        receivedAt: Timestamp? = nil, skewMs: Int64 = 0
    ) -> PlaybackEvent {
        let occurredAt = occurredAt ?? sampleTime + seq * 10_000
        return PlaybackEvent(
            memberId: member, sessionId: "s-1", seq: seq, kind: kind, titleId: titleId, positionMs: positionMs ?? seq * 10_000,
            fromPositionMs: fromPositionMs, runtimeMs: runtimeMs, occurredAt: occurredAt, deviceId: deviceId, deviceType: deviceType,
            receivedAt: receivedAt ?? occurredAt + skewMs, skewMs: skewMs)
    }

    /// This event with one thing changed.
    public func with(_ change: (inout PlaybackEvent) -> Void) -> PlaybackEvent {
        var event = self
        change(&event)
        return event
    }
}
