import Models

/// What is known of a session's row before events are folded onto it.
struct KnownSession: Sendable {
    /// A row as it was read or written. A class, as rows are handed from the cache to a batch and back by the ten thousand.
    final class Row: Sendable {
        let state: SessionState
        let revision: Int64
        /// What an edge received before counts no more: the member was erased then, and readmitted.
        let takenFrom: Timestamp

        init(state: SessionState, revision: Int64, takenFrom: Timestamp = .min) {
            self.state = state
            self.revision = revision
            self.takenFrom = takenFrom
        }
    }

    /// nil where there is no row.
    var row: Row?
    /// The member's epoch as it was read, 0 for a member without `member_state`; nil where it was not read.
    var epoch: Int64?
    var memberIsErased = false
    /// As that of the row, also where there is none.
    var takenFrom = Timestamp.min
    /// The row is none now, but a part of a chunk: it must become one again before it can be written.
    var isCompacted = false
}

/// A session as it should stand in the database from now on, and on what condition. A class for the same reason.
final class SessionWrite: Sendable {
    enum Condition: Sendable, Hashable {
        /// The row still has the revision that was folded onto.
        case revision(Int64)
        /// There is no row, and nothing of the member was erased or compacted since `epoch` was read. nil where it was not read: then only a
        /// session that none of the member's chunks may have is new for certain.
        case absent(epoch: Int64?)
    }

    let key: SessionKey
    let state: SessionState
    let summary: SessionSummary
    let condition: Condition
    /// As that of the row.
    let takenFrom: Timestamp

    init(key: SessionKey, state: SessionState, condition: Condition, takenFrom: Timestamp = .min) {
        self.key = key
        self.state = state
        summary = state.summary
        self.condition = condition
        self.takenFrom = takenFrom
    }
}
