/// What identifies a session: one playback of one title by one member on one device.
public struct SessionKey: Sendable, Hashable, Comparable {
    public var memberId: OpaqueID
    public var sessionId: OpaqueID

    public init(memberId: OpaqueID, sessionId: OpaqueID) {
        self.memberId = memberId
        self.sessionId = sessionId
    }

    /// By the bytes of the member, then of the session: the order in which rows are locked.
    public static func < (left: SessionKey, right: SessionKey) -> Bool {
        left.memberId == right.memberId ? left.sessionId < right.sessionId : left.memberId < right.memberId
    }
}
