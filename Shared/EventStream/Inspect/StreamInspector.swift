/// Looks at the streams from outside: for `playhead status` and for metrics.
public struct StreamInspector: Sendable {
    /// One partition as seen by one group.
    public struct PartitionStatus: Sendable, Hashable {
        public var partition: Int
        /// Entries in the stream.
        public var length: Int64
        /// Entries delivered and not acknowledged.
        public var pending: Int64
        /// Entries that no consumer has got yet; nil where Redis cannot tell.
        public var unread: Int64?
        /// The age of the oldest of those, as below.
        public var oldestPendingAgeMs: Int64?
        /// How long ago the oldest entry that is not acknowledged was written, by Redis' clock, in milliseconds; nil when all are.
        /// Unlike the group's `lag` it is never unknown, and a stopped consumer cannot hide it.
        public var oldestUnappliedAgeMs: Int64?
        /// The same of the oldest entry that no consumer has got yet.
        public var oldestUnreadAgeMs: Int64?
        /// The stream has no such group: nothing reads it.
        public var lacksGroup: Bool
    }

    private let topology: StreamTopology
    private let connection: RedisConnection

    public init(topology: StreamTopology, connection: RedisConnection) {
        self.topology = topology
        self.connection = connection
    }

    /// Redis' clock, in milliseconds since 1970.
    /// - Throws: ``RedisError``
    public func now() async throws(RedisError) -> Int64 { try await connection.serverTimeMs() }

    public func partitions(group: String) async throws(RedisError) -> [PartitionStatus] {
        let now = try await connection.serverTimeMs()
        var statuses: [PartitionStatus] = []
        for (partition, stream) in topology.streams.enumerated() {
            statuses.append(try await status(of: partition, stream: stream, group: group, now: now))
        }
        return statuses
    }

    private func status(of partition: Int, stream: String, group: String, now: Int64) async throws(RedisError) -> PartitionStatus {
        let key = RedisArgument(stream)
        let replies = try await connection.send([
            RedisCommand("XLEN", key), RedisCommand("XINFO", "GROUPS", key), RedisCommand("XPENDING", key, RedisArgument(group)),
        ])
        var status = PartitionStatus(
            partition: partition, length: try replies[0].integer(), pending: 0, lacksGroup: true)
        var unread = StreamEntryID(milliseconds: 0, sequence: 0)
        var oldest: StreamEntryID?
        if replies[2].error == nil {
            let pending = try replies[2].array()
            status.lacksGroup = false
            status.pending = try pending[0].integer()
            if !pending[1].isNil {
                let id = try StreamEntryID(pending[1].text())
                status.oldestPendingAgeMs = age(of: id, at: now)
                oldest = id
            }
            for item in try replies[1].array() {
                let fields = try item.fields()
                guard try fields["name"]?.text() == group, let last = try fields["last-delivered-id"]?.text() else { continue }
                unread = try StreamEntryID(last).next
                if let lag = fields["lag"], !lag.isNil { status.unread = try lag.integer() }
            }
        }
        let first = try await connection.send(RedisCommand("XRANGE", key, RedisArgument(unread.description), "+", "COUNT", "1")).array()
        if let entry = first.first {
            let id = try StreamEntryID(entry.array()[0].text())
            status.oldestUnreadAgeMs = age(of: id, at: now)
            oldest = min(oldest ?? id, id)
        }
        status.oldestUnappliedAgeMs = oldest.map { age(of: $0, at: now) }
        return status
    }

    private func age(of id: StreamEntryID, at now: Int64) -> Int64 {
        max(now - Int64(clamping: id.milliseconds), 0)
    }
}
