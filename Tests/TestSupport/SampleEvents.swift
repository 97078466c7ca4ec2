import Models

extension PlaybackEvent {
    /// An event of a session that plays without a break, 10 s of watching each; seq 0 is the start.
    public static func playing(
        member: OpaqueID = "m-1", session: OpaqueID = "s-1", seq: Int64, title: OpaqueID = "t-1", startedAt: Timestamp = 1_763_700_000_000
    ) -> PlaybackEvent {
        PlaybackEvent(
            memberId: member, sessionId: session, seq: seq, kind: seq == 0 ? .start : .progress, titleId: title,
            positionMs: seq * 10_000, runtimeMs: 3_600_000, occurredAt: startedAt + seq * 10_000, deviceId: "tv-1", deviceType: "tv",
            receivedAt: startedAt + seq * 10_000 + 20)
    }
}
