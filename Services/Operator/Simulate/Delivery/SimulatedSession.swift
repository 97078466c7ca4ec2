import Models

/// A session with its events and when they arrive.
final class SimulatedSession: Sendable {
    let number: Int
    let memberId: OpaqueID
    let sessionId: OpaqueID
    let titleId: OpaqueID
    let runtimeMs: Int64?
    let deviceId: String
    let deviceType: String
    let startedAt: Timestamp
    let events: [SimulatedEvent]
    /// In their order.
    let deliveries: [Delivery]
    let counts: PerturbationCounts
    private let json: SessionJSON

    init(
        number: Int, memberId: OpaqueID, sessionId: OpaqueID, title: CatalogueTitle, episode: Int, device: ViewerDevice,
        startedAt: Timestamp, events: [SimulatedEvent], deliveries: [Delivery], counts: PerturbationCounts
    ) {
        self.number = number
        self.memberId = memberId
        self.sessionId = sessionId
        titleId = OpaqueID(title.id(episode: episode))
        runtimeMs = title.runtimeMs
        deviceId = device.id
        deviceType = device.type
        self.startedAt = startedAt
        self.events = events
        self.deliveries = deliveries
        self.counts = counts
        json = SessionJSON(
            memberId: memberId, sessionId: sessionId, titleId: titleId, runtimeMs: runtimeMs, deviceId: deviceId, deviceType: deviceType)
    }

    /// An event as the edge accepts it. The simulator sends no `sentAt`, so its skew is 0.
    func event(_ seq: Int) -> PlaybackEvent {
        let event = events[seq]
        return PlaybackEvent(
            memberId: memberId, sessionId: sessionId, seq: Int64(seq), kind: event.kind, titleId: titleId, positionMs: event.positionMs,
            fromPositionMs: event.fromPositionMs, runtimeMs: event.tellsRuntime ? runtimeMs : nil, occurredAt: startedAt + event.atMs,
            deviceId: event.tellsDevice ? deviceId : nil, deviceType: event.tellsDevice ? deviceType : nil)
    }

    /// The same event as JSON.
    func write(_ seq: Int, to bytes: inout [UInt8]) {
        json.write(events[seq], seq: seq, startedAt: startedAt, to: &bytes)
    }
}
