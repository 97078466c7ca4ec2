import Models

/// What is known of a session's row before events are folded onto it.
struct KnownSession: Sendable {
    /// A row as it was read or written.
    struct Row: Sendable {
        var state: SessionState
        var revision: Int64
    }

    /// nil where there is no row.
    var row: Row?
    /// The member's epoch as it was read, 0 for a member without `member_state`; nil where it was not read.
    var epoch: Int64?
    var memberIsErased = false
}

/// A session as it should stand in the database from now on, and on what condition.
struct SessionWrite: Sendable {
    enum Condition: Sendable, Hashable {
        /// The row still has the revision that was folded onto.
        case revision(Int64)
        /// There is no row, and nothing of the member was erased or compacted since `epoch` was read. nil where it was not read:
        /// then only a session that started after all compacted ones is new for certain.
        case absent(epoch: Int64?)
    }

    var key: SessionKey
    var state: SessionState
    var condition: Condition
}
