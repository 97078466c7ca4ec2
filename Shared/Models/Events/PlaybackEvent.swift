/// One report of a player, as the edge accepted it.
///
/// `(memberId, sessionId, seq)` identifies an event: of copies with differing content exactly one counts.
public struct PlaybackEvent: Sendable, Hashable {
    public var memberId: OpaqueID
    public var sessionId: OpaqueID
    /// 0 for the first event of a session, then +1 each, so that a gap is a lost event.
    public var seq: Int64
    public var kind: EventKind
    public var titleId: OpaqueID
    /// The playhead after the event, in milliseconds from the title's beginning.
    public var positionMs: Int64
    /// The playhead before a `seek`, where the player told it.
    public var fromPositionMs: Int64?
    /// The title's length, in milliseconds.
    public var runtimeMs: Int64?
    /// By the device's clock; never altered.
    public var occurredAt: Timestamp
    public var deviceId: String?
    public var deviceType: String?
    /// By the edge's clock.
    public var receivedAt: Timestamp
    /// `receivedAt` − the request's `sentAt` where that exceeds 60 s either way, else 0.
    public var skewMs: Int64

    public init(
        memberId: OpaqueID, sessionId: OpaqueID, seq: Int64, kind: EventKind, titleId: OpaqueID, positionMs: Int64,
        fromPositionMs: Int64? = nil,
        runtimeMs: Int64? = nil, occurredAt: Timestamp, deviceId: String? = nil, deviceType: String? = nil, receivedAt: Timestamp = 0,
        skewMs: Int64 = 0
    ) {
        self.memberId = memberId
        self.sessionId = sessionId
        self.seq = seq
        self.kind = kind
        self.titleId = titleId
        self.positionMs = positionMs
        self.fromPositionMs = fromPositionMs
        self.runtimeMs = runtimeMs
        self.occurredAt = occurredAt
        self.deviceId = deviceId
        self.deviceType = deviceType
        self.receivedAt = receivedAt
        self.skewMs = skewMs
    }

    /// The session that this event belongs to.
    public var key: SessionKey { SessionKey(memberId: memberId, sessionId: sessionId) }
}

/// What a player reports.
public enum EventKind: String, Sendable, Hashable, CaseIterable {
    case start, progress, pause, resume, seek, stop
    /// The title reached its natural end.
    case complete

    /// Whether the player plays on after this event.
    public var leavesPlaying: Bool {
        switch self {
        case .start, .progress, .resume, .seek: true
        case .pause, .stop, .complete: false
        }
    }
}
