import Models

extension PlaybackEvent {
    /// A valid event of a member who watches at normal speed and is reported every ten seconds.
    static func sample(member: OpaqueID = "m-42", seq: Int64 = 0, titleId: OpaqueID = "t1") -> PlaybackEvent {
        PlaybackEvent(
            memberId: member, sessionId: "s-1", seq: seq, kind: .progress, titleId: titleId, positionMs: seq * 10_000,
            occurredAt: 1_763_700_000_000 + seq * 10_000, receivedAt: 1_763_700_000_000)
    }
}
