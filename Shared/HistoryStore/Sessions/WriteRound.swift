import Models

/// What the next transactions are to write. Pure.
struct WriteRound {
    var writes: [SessionWrite] = []
    /// Of each write, the session, how many of its events are new, and how many are dropped.
    var sessions: [Int] = []
    var newEvents: [Int] = []
    var erasedEvents: [Int] = []
    /// Sessions that need no write as far as the writer remembers: they are to be read, as their rows may be gone.
    var unsure: [Int] = []
    /// Compacted sessions that are to be rows again, to be read and folded then.
    var comingBack: [Int] = []
    /// Sessions that need no write.
    var unchanged: [(key: SessionKey, row: KnownSession.Row)] = []
    var duplicates = 0
    var erased = 0
    /// Events of sessions that ended before what is kept.
    var expired = 0
    /// nil where everything is kept.
    let keptSince: Timestamp?

    init(keptSince: Timestamp? = nil) {
        self.keptSince = keptSince
    }

    /// - Parameter isRemembered: whether `known` was not read now.
    mutating func fold(_ session: Int, of groups: SessionGroups, onto known: KnownSession, isRemembered: Bool) {
        var state = known.row?.state
        var new = 0
        var dropped = 0
        for index in groups.indices(session) {
            if groups.events[index].receivedAt < known.takenFrom {
                dropped += 1
            } else if state == nil {
                state = SessionState(groups.events[index])
                new += 1
            } else if state?.apply(groups.events[index]) == true {
                new += 1
            }
        }
        if new == 0, isRemembered { return unsure.append(session) }
        guard let state, new > 0 else {
            duplicates += groups.count(session) - dropped
            erased += dropped
            if let row = known.row { unchanged.append((groups.keys[session].key, row)) }
            return
        }
        if let keptSince, state.endedAt < keptSince {
            // Others of its events may be there, which ended later.
            if known.epoch == nil { return unsure.append(session) }
            expired += new
            erased += dropped
            duplicates += groups.count(session) - new - dropped
            return
        }
        if known.isCompacted { return comingBack.append(session) }
        writes.append(
            SessionWrite(
                key: groups.keys[session].key, state: state,
                condition: known.row.map { .revision($0.revision) } ?? .absent(epoch: known.epoch), takenFrom: known.takenFrom))
        sessions.append(session)
        newEvents.append(new)
        erasedEvents.append(dropped)
    }
}
