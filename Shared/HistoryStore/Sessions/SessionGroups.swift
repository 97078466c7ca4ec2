import Models

/// Events sorted into their sessions, without a list for each: a large batch has tens of thousands. Pure.
struct SessionGroups: Sendable {
    let events: [PlaybackEvent]
    /// Each once, rising: the order in which rows are locked.
    let keys: [SessionKey]
    /// Indices into `events`: those of a session side by side, in the order of arrival.
    private let order: [Int]
    /// Where each session begins in `order`, and the end of the last.
    private let starts: [Int]

    init(_ events: [PlaybackEvent]) {
        self.events = events
        var found: [SessionKey: Int] = [:]
        var keys: [SessionKey] = []
        let groups = events.map { event in
            let key = event.key
            if let group = found[key] { return group }
            found[key] = keys.count
            keys.append(key)
            return keys.count - 1
        }
        let sorted = keys.indices.sorted { keys[$0] < keys[$1] }
        var ranks = Array(repeating: 0, count: keys.count)
        for (rank, group) in sorted.enumerated() { ranks[group] = rank }
        self.keys = sorted.map { keys[$0] }

        // Counting sort by rank.
        var starts = Array(repeating: 0, count: keys.count + 1)
        for group in groups { starts[ranks[group] + 1] += 1 }
        for rank in keys.indices { starts[rank + 1] += starts[rank] }
        var next = starts
        var order = Array(repeating: 0, count: events.count)
        for (index, group) in groups.enumerated() {
            order[next[ranks[group]]] = index
            next[ranks[group]] += 1
        }
        self.order = order
        self.starts = starts
    }

    /// How many events a session has.
    func count(_ session: Int) -> Int {
        starts[session + 1] - starts[session]
    }

    /// The indices of a session's events.
    func indices(_ session: Int) -> ArraySlice<Int> {
        order[starts[session]..<starts[session + 1]]
    }
}
