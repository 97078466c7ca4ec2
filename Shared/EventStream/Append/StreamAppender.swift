import Batching
import BlockingClient

/// Makes events durable in Redis Streams, many requests with one write (`appendfsync always` syncs once for everything that one
/// turn of Redis' event loop has read).
public final class StreamAppender: Sendable {
    private let queue: CommitQueue
    private let idle: LockedValue<[RedisConnection]>

    /// - Parameters:
    ///   - connections: each carries one write at a time; two let one fill while the other waits for the disk.
    ///   - maximalWaitingBytes: payload that may wait; past it requests are refused.
    public init(connections: [RedisConnection], maximalWaitingBytes: Int = 32 << 20) {
        queue = CommitQueue(maximalBytes: maximalWaitingBytes)
        idle = LockedValue(connections)
    }

    /// Events that wait for a free connection.
    var waitingEvents: Int { queue.waitingEvents }

    /// Requests that are not answered yet.
    var openRequests: Int { queue.openRequests }

    /// Returns once Redis has answered for every batch.
    /// - Throws: ``RedisError`` or ``CommitFailure``. Some of the batches may then be in the streams all the same, or get there; sending them
    ///   again is harmless.
    public func append(_ batches: [PartitionBatch], deadline: ContinuousClock.Instant = .now + .seconds(10)) async throws {
        try await queue.submit(batches, deadline: deadline, onWaiting: startNextFlight)
    }

    /// Answers all that wait for a connection with a failure.
    public func turnAway() {
        queue.turnAway()
    }

    private func startNextFlight() {
        while !queue.isEmpty, let connection = idle.withLock({ $0.popLast() }) {
            let entries = queue.takeAll()
            if !entries.isEmpty {
                Task { await fly(entries, over: connection) }
                return
            }
            // Another was faster; but who came meanwhile found no connection.
            idle.withLock { $0.append(connection) }
        }
    }

    private func fly(_ entries: [CommitQueue.Entry], over connection: RedisConnection) async {
        do {
            let replies = try await connection.send(entries.map { Self.command($0.batch) })
            for (entry, reply) in zip(entries, replies) { queue.settle(entry, failure: reply.error) }
        } catch {
            for entry in entries { queue.settle(entry, failure: error) }
        }
        idle.withLock { $0.append(connection) }
        startNextFlight()
    }

    private static func command(_ batch: PartitionBatch) -> RedisCommand {
        RedisCommand(
            "XADD", RedisArgument(StreamNames.events(batch.partition)), "*", "b", RedisArgument(batch.payload), "n",
            RedisArgument(batch.eventCount))
    }
}
