import Models
import Wire

/// Tells followers what changed, in the streams `playhead:{NN}:changes`: each member's changes are in the stream of its partition.
///
/// Field `c` of an entry is a `HistoryChangeBatch`, field `n` the number of its changes.
public struct ChangeFeed: Sendable {
    /// Of one entry: some 30 KiB.
    private static let entryChanges = 200

    private let topology: StreamTopology
    private let connection: RedisConnection

    public init(topology: StreamTopology, connection: RedisConnection) {
        self.topology = topology
        self.connection = connection
    }

    /// Returns once all of them are in the streams. Appending them again is harmless: they carry their revision.
    /// - Throws: ``RedisError``, of kind `server(code: "OOM")` where Redis is full.
    public func append(_ changes: [HistoryChange]) async throws(RedisError) {
        guard !changes.isEmpty else { return }
        var commands: [RedisCommand] = []
        var batches = Array(repeating: WireChanges.Batch(), count: topology.partitions)
        for change in changes {
            let partition = StableHash.partition(ofMember: change.memberId, count: topology.partitions)
            batches[partition].append(change)
            guard batches[partition].count == Self.entryChanges else { continue }
            commands.append(Self.entry(of: batches[partition], in: partition))
            batches[partition] = WireChanges.Batch()
        }
        for (partition, batch) in batches.enumerated() where batch.count > 0 { commands.append(Self.entry(of: batch, in: partition)) }
        for reply in try await connection.send(commands) { if let error = reply.error { throw error } }
    }

    private static func entry(of batch: WireChanges.Batch, in partition: Int) -> RedisCommand {
        RedisCommand(
            "XADD", RedisArgument(StreamNames.changes(partition)), "*", "c", RedisArgument(batch.bytes), "n", RedisArgument(batch.count))
    }

    /// Removes what is older than `age`, by Redis' clock. A follower that was further behind can tell: ``ChangeReader``.
    /// - Returns: how many entries were removed.
    /// - Throws: ``RedisError``
    public func trim(olderThan age: Duration) async throws(RedisError) -> Int64 {
        let boundary = max(try await connection.serverTimeMs() - Int64(age / .milliseconds(1)), 0)
        let replies = try await connection.send(
            (0..<topology.partitions).map {
                RedisCommand("XTRIM", RedisArgument(StreamNames.changes($0)), "MINID", "=", RedisArgument(boundary))
            })
        var removed: Int64 = 0
        for reply in replies {
            if let error = reply.error { throw error }
            removed += try reply.integer()
        }
        return removed
    }
}
