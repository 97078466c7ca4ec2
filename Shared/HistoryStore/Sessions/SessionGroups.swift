import Models

/// Events sorted into their sessions, without a list for each: a large batch has tens of thousands. Pure.
struct SessionGroups: Sendable {
    let events: [PlaybackEvent]
    /// Each once, rising: the order in which rows are locked.
    let keys: [HashedSessionKey]
    /// Indices into `events`: those of a session side by side, in the order of arrival.
    private let order: [Int]
    /// Where each session begins in `order`, and the end of the last.
    private let starts: [Int]

    init(_ events: [PlaybackEvent]) {
        self.events = events
        var found: [HashedSessionKey: Int] = [:]
        found.reserveCapacity(events.count)
        var keys: [HashedSessionKey] = []
        var groups: [Int] = []
        groups.reserveCapacity(events.count)
        for index in events.indices {
            let key = HashedSessionKey(SessionKey(memberId: events[index].memberId, sessionId: events[index].sessionId))
            let group = found[key] ?? keys.count
            if group == keys.count {
                found[key] = group
                keys.append(key)
            }
            groups.append(group)
        }
        let sorted = Self.sorted(keys)
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

    /// The beginning of a member's id decides nearly always, and lies beside the others' in memory, which the ids do not.
    private struct Prefix {
        var high: UInt64
        var low: UInt64
        var index: Int

        init(_ id: OpaqueID, index: Int) {
            (high, low) = id.withBytes { bytes in
                var words: (UInt64, UInt64) = (0, 0)
                for (place, byte) in bytes.prefix(16).enumerated() {
                    // No id has a byte 0, so a shorter one comes first.
                    if place < 8 { words.0 |= UInt64(byte) << (56 - 8 * place) } else { words.1 |= UInt64(byte) << (120 - 8 * place) }
                }
                return words
            }
            self.index = index
        }
    }

    /// - Returns: the places of the keys in their order.
    private static func sorted(_ keys: [HashedSessionKey]) -> [Int] {
        var prefixes = keys.indices.map { Prefix(keys[$0].key.memberId, index: $0) }
        prefixes.sort { left, right in
            if left.high != right.high { return left.high < right.high }
            if left.low != right.low { return left.low < right.low }
            return keys[left.index].key < keys[right.index].key
        }
        return prefixes.map(\.index)
    }
}
