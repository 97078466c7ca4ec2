import EventStream

/// Whose turn it is while the breaker is open.
struct TrialTurns: Sendable {
    /// The index of a partition, and the pending entry in it that was tried last.
    var pending = (index: 0, after: StreamEntryID.zero)
    /// The index of the partition that a new entry was looked for in last.
    var new = 0
    var triesNew = true
}

extension LaneReader {
    /// By turns a pending entry, another each time, and a new one: where the pending ones are all refused, a new one may show that others are not.
    func nextToTry() async throws(Interruption) -> StreamEntry? {
        trials.triesNew.toggle()
        if trials.triesNew { return try await newToTry() }
        for _ in 0...partitions.count {
            let partition = partitions[trials.pending.index % partitions.count]
            if let entry = try await pending(partition: partition, after: trials.pending.after, count: 1).first {
                trials.pending.after = entry.id
                return entry
            }
            trials.pending = (trials.pending.index + 1, .zero)
        }
        return try await newToTry()
    }

    /// One of a partition that has any, each time of another, so that no more become pending than are tried.
    private func newToTry() async throws(Interruption) -> StreamEntry? {
        for _ in partitions {
            trials.new = (trials.new + 1) % partitions.count
            var taken: [StreamEntry] = []
            try await read([partitions[trials.new]], count: 1, block: nil, into: &taken)
            if let entry = taken.first { return entry }
        }
        return nil
    }
}
