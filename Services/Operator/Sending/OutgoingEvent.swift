import Models

/// An event as the edge reads it.
struct OutgoingEvent: Encodable {
    let memberId: String
    let sessionId: String
    let seq: Int64
    let kind: String
    let titleId: String
    let positionMs: Int64
    let fromPositionMs: Int64?
    let runtimeMs: Int64?
    let occurredAt: Timestamp
    let deviceId: String?
    let deviceType: String?

    init(_ event: PlaybackEvent) {
        memberId = event.memberId.text
        sessionId = event.sessionId.text
        seq = event.seq
        kind = event.kind.rawValue
        titleId = event.titleId.text
        positionMs = event.positionMs
        fromPositionMs = event.fromPositionMs
        runtimeMs = event.runtimeMs
        occurredAt = event.occurredAt
        deviceId = event.deviceId
        deviceType = event.deviceType
    }
}
