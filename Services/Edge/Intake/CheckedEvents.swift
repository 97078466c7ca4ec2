import Models

/// The events of a request, sorted into those that may be taken and the rejections of the others. Pure.
struct CheckedEvents {
    private(set) var events: [PlaybackEvent] = []
    /// By their index.
    private(set) var rejected: [Rejection] = []

    mutating func reserveCapacity(_ count: Int) {
        events.reserveCapacity(count)
    }

    /// The next event of the request is good.
    mutating func accept(_ event: PlaybackEvent) {
        events.append(event)
    }

    /// The next event of the request breaks a rule.
    mutating func reject(_ fault: EventFault) {
        rejected.append(Rejection(index: events.count + rejected.count, fault: fault))
    }

    /// The next event of the request may not be taken.
    mutating func reject(_ kind: Rejection.Kind) {
        rejected.append(Rejection(index: events.count + rejected.count, kind: kind))
    }

    /// Rejects events that were accepted before, for now.
    /// - Parameter isRejected: gets an event and its place among ``events``.
    /// - Returns: how many.
    mutating func putOff(_ kind: Rejection.Kind, where isRejected: (PlaybackEvent, Int) -> Bool) -> Int {
        var kept: [PlaybackEvent] = []
        var all: [Rejection] = []
        var former = rejected[...]
        for (place, event) in events.enumerated() {
            // The place among all is that among the accepted plus the rejected before.
            while let first = former.first, first.index <= kept.count + all.count { all.append(former.removeFirst()) }
            if isRejected(event, place) {
                all.append(Rejection(index: kept.count + all.count, kind: kind))
            } else {
                kept.append(event)
            }
        }
        let count = events.count - kept.count
        events = kept
        rejected = all + former
        return count
    }
}
