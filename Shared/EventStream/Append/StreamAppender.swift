import Batching
import BlockingClient

/// Makes events durable in Redis Streams, many requests with one write (`appendfsync always` syncs once for everything that one
/// turn of Redis' event loop has read).
public final class StreamAppender: Sendable {
    /// Payload bytes that are worth a write of their own while another is under way. Less than that waits for the end of one: Redis syncs
    /// one write after the other, and each costs it and us as much as some ten events.
    private static let worthAFlight = 8 << 10

    private let kind: StreamKind
    private let queue: CommitQueue
    private let connections: Int
    private let idle: LockedValue<[RedisConnection]>

    /// - Parameters:
    ///   - kind: of the streams.
    ///   - connections: each carries one write at a time; two let one fill while Redis syncs the other's.
    ///   - maximalWaitingBytes: payload that may wait; past it requests are refused.
    public init(_ kind: StreamKind = .events, connections: [RedisConnection], maximalWaitingBytes: Int = 32 << 20) {
        self.kind = kind
        queue = CommitQueue(maximalBytes: maximalWaitingBytes)
        self.connections = connections.count
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
        // What was read from the network together is written together: those requests are checked before the first of them is submitted.
        await Task.yield()
        try await queue.submit(batches, deadline: deadline, onWaiting: startNextFlight)
    }

    /// Answers all that wait for a connection with a failure.
    public func turnAway() {
        queue.turnAway()
    }

    private func startNextFlight() {
        let waitingBytes = queue.waitingBytes
        guard waitingBytes > 0 else { return }
        let connection = idle.withLock { idle in
            idle.count == connections || waitingBytes >= Self.worthAFlight ? idle.popLast() : nil
        }
        connection?.perform { self.fly(over: $0) }
    }

    /// Writes for as long as anything waits. All of it is on the connection's own thread: a change of threads costs more than the work.
    private func fly(over connection: isolated RedisConnection) {
        while true {
            let entries = queue.takeAll()
            if entries.isEmpty { break }
            do throws(RedisError) {
                let replies = try connection.send(entries.map { command($0.batch) })
                for (entry, reply) in zip(entries, replies) { queue.settle(entry, failure: reply.error) }
            } catch {
                for entry in entries { queue.settle(entry, failure: error) }
            }
        }
        idle.withLock { $0.append(connection) }
        // Who came meanwhile found no connection.
        startNextFlight()
    }

    private func command(_ batch: PartitionBatch) -> RedisCommand {
        RedisCommand(
            "XADD", RedisArgument(kind.stream(batch.partition)), "*", "b", RedisArgument(batch.payload), "n",
            RedisArgument(batch.eventCount))
    }
}
