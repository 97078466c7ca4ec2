import Models

/// What the next transactions are to write. Pure.
struct WriteRound {
    var writes: [SessionWrite] = []
    /// Of each write, the session, how many of its events are new, and how many are dropped.
    var sessions: [Int] = []
    var newEvents: [Int] = []
    var erasedEvents: [Int] = []
    /// Sessions that need no write, and their events.
    var unchanged: [(key: SessionKey, row: KnownSession.Row)] = []
    var duplicates = 0
    var erased = 0

    mutating func fold(_ session: Int, of groups: SessionGroups, onto known: KnownSession) {
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
        guard let state, new > 0 else {
            duplicates += groups.count(session) - dropped
            erased += dropped
            if let row = known.row { unchanged.append((groups.keys[session].key, row)) }
            return
        }
        writes.append(
            SessionWrite(
                key: groups.keys[session].key, state: state,
                condition: known.row.map { .revision($0.revision) } ?? .absent(epoch: known.epoch), takenFrom: known.takenFrom))
        sessions.append(session)
        newEvents.append(new)
        erasedEvents.append(dropped)
    }
}
