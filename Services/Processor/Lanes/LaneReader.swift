import EventStream

/// What a lane reads, and in which portions. Waits for a Redis that is away.
///
/// Without a backlog, whatever is new in any partition makes a small batch, so that it shows in milliseconds. Under one, the read goes deep into
/// one partition after the other: a session's events meet in one fold and cost one write of its row.
actor LaneReader {
    /// Entries of each partition at once, at first: a partition that has fewer has no backlog.
    private static let shallowCount = 2
    /// Entries of one partition at once. At most 4 MiB, as an entry has 64 KiB.
    private static let deepCount = 64

    private static let stragglerInterval: Duration = .seconds(2)

    nonisolated let consumer: GroupConsumer
    /// All that this lane may ever read: the partitions of its class.
    nonisolated let partitions: [Int]
    private let membership: Membership
    private let persistence: Persistence
    private let batchEvents: Int
    private let block: Duration
    /// Committed, to be acknowledged with the next read.
    private var done: [StreamEntry] = []
    private var nextStragglers = ContinuousClock.now
    /// The first partition of the next deep read, so that each gets its turn.
    private var nextDeep = 0
    var trials = TrialTurns()
    private var wasInterrupted = false

    init(consumer: GroupConsumer, membership: Membership, persistence: Persistence, options: Lane.Options) {
        self.consumer = consumer
        self.membership = membership
        self.persistence = persistence
        partitions = (0..<consumer.topology.partitions).filter { $0 % options.count == options.index }
        batchEvents = options.batchEvents
        block = options.block
    }

    /// - Returns: why this process must end: the streams were made with another number of partitions.
    func join() async throws(Interruption) -> RedisError? {
        try await persistence.until("redis") { () async throws(RedisError) -> RedisError? in
            do throws(RedisError) {
                try await consumer.join()
                return nil
            } catch let error where error.kind == .configuration {
                return error
            }
        }
    }

    /// Waits for new entries of the preferred partitions, then takes what one fold should have.
    func takeNew() async throws(Interruption) -> [StreamEntry] {
        var taken: [StreamEntry] = []
        let preferred = membership.preferred.filter(partitions.contains)
        if preferred.isEmpty {
            try await acknowledgeDone()
            // Others do this lane's share, or nobody has been heard of yet; looked at again soon, as they may leave.
            try? await Task.sleep(for: .milliseconds(20))
        } else {
            try await read(preferred, count: Self.shallowCount, block: block, into: &taken)
            try await readDeeper(into: &taken)
        }
        // Rarely while there is enough to do: two that read one partition meet on its sessions, and one of them folds in vain.
        if taken.isEmpty || ContinuousClock.now >= nextStragglers {
            nextStragglers = .now + Self.stragglerInterval
            let stragglers = membership.stragglers.filter { partitions.contains($0) && !preferred.contains($0) }
            if !stragglers.isEmpty { try await read(stragglers, count: Self.deepCount, block: nil, into: &taken) }
        }
        return taken
    }

    private func readDeeper(into taken: inout [StreamEntry]) async throws(Interruption) {
        let counts = Dictionary(grouping: taken, by: \.partition).mapValues(\.count)
        let full = counts.filter { $0.value >= Self.shallowCount }.keys.sorted()
        guard !full.isEmpty else { return }
        let first = full.firstIndex { $0 >= nextDeep } ?? 0
        var events = taken.reduce(0) { $0 + $1.weight }
        for partition in full[first...] + full[..<first] {
            var more = Self.deepCount
            while more == Self.deepCount {
                guard events < batchEvents else {
                    // The next one's turn, though this one has more: its latest events wait no longer than others'.
                    nextDeep = partition + 1
                    return
                }
                let before = taken.count
                try await read([partition], count: Self.deepCount, block: nil, into: &taken)
                more = taken.count - before
                events += taken[before...].reduce(0) { $0 + $1.weight }
            }
            nextDeep = partition + 1
        }
    }

    func read(_ partitions: [Int], count: Int, block: Duration?, into taken: inout [StreamEntry]) async throws(Interruption) {
        let done = done
        taken += try await noting { () async throws(RedisError) in
            try await rejoining { () async throws(RedisError) in
                try await consumer.read(partitions: partitions, count: count, block: block, acknowledging: done)
            }
        }
        self.done = []
    }

    /// Whether, since it was last asked, an answer was lost that may have had entries in it: they are pending under this name, and nobody else
    /// looks for them soon.
    func takeWasInterrupted() -> Bool {
        defer { wasInterrupted = false }
        return wasInterrupted
    }

    /// Delivers entries to this consumer, however long it takes, and notes whether an attempt failed.
    private func noting<Result>(_ work: () async throws(RedisError) -> Result) async throws(Interruption) -> Result {
        try await persistence.until("redis") { () async throws(RedisError) -> Result in
            do throws(RedisError) {
                return try await work()
            } catch {
                wasInterrupted = true
                throw error
            }
        }
    }

    /// This consumer's own pending entries of a partition past a position.
    func pending(
        partition: Int, after position: StreamEntryID, count: Int = deepCount
    ) async throws(Interruption) -> [StreamEntry] {
        try await persistence.until("redis") { () async throws(RedisError) in
            try await rejoining { () async throws(RedisError) in try await consumer.pending(after: [partition: position], count: count) }
        }
    }

    func claim(
        partition: Int, idleFor: Duration, from cursor: StreamEntryID
    ) async throws(Interruption) -> (entries: [StreamEntry], next: StreamEntryID?) {
        try await noting { () async throws(RedisError) -> (entries: [StreamEntry], next: StreamEntryID?) in
            do throws(RedisError) {
                return try await consumer.claim(partition: partition, idleFor: idleFor, count: Self.deepCount, from: cursor)
            } catch let error where error.kind == .server(code: "NOGROUP") {
                // The next read makes the group again.
                return ([], nil)
            }
        }
    }

    func deliveries(of entries: [StreamEntry]) async throws(Interruption) -> [Int] {
        try await persistence.until("redis") { () async throws(RedisError) in
            do throws(RedisError) {
                return try await consumer.deliveries(of: entries)
            } catch let error where error.kind == .server(code: "NOGROUP") {
                // Nothing is pending any more; the next read makes the group again.
                return Array(repeating: 0, count: entries.count)
            }
        }
    }

    /// Entries that are committed: acknowledged with the next read, which is due at once.
    func acknowledgeWithNextRead(_ entries: [StreamEntry]) {
        done += entries
    }

    /// What no read came for.
    func acknowledgeDone() async throws(Interruption) {
        guard !done.isEmpty else { return }
        try await acknowledge(done)
        done = []
    }

    func acknowledge(_ entries: [StreamEntry]) async throws(Interruption) {
        try await persistence.until("redis") { () async throws(RedisError) in try await consumer.acknowledge(entries) }
    }

    /// Streams that lost their group, as after a Redis that came back empty, get it again, and have nothing to read yet.
    private func rejoining(_ work: () async throws(RedisError) -> [StreamEntry]) async throws(RedisError) -> [StreamEntry] {
        do throws(RedisError) {
            return try await work()
        } catch let error where error.kind == .server(code: "NOGROUP") {
            try await consumer.join()
            return []
        }
    }
}
