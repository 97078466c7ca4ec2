import BlockingClient

/// Makes events durable in Redis Streams, many requests with one write.
///
/// While no connection is free, requests gather; the first free connection takes all of them. So at low load an event waits
/// for nothing, and under load XADD, the append-only file and its sync are shared (`appendfsync always` syncs once for
/// everything that one turn of Redis' event loop has read).
public actor StreamAppender {
    private let topology: StreamTopology
    private let maximalWaitingBytes: Int
    private var waiting = GroupCommit<Ticket>()
    private var idle: [RedisConnection]

    /// One request: it is answered when all of its batches have been.
    private final class Ticket: Sendable {
        let continuation: CheckedContinuation<Void, any Error>
        init(_ continuation: CheckedContinuation<Void, any Error>) { self.continuation = continuation }
    }

    /// How far the requests under way are. Held here, not in the ticket, as only the actor may change it.
    private var progress: [ObjectIdentifier: (outstanding: Int, failure: RedisError?)] = [:]

    /// - Parameters:
    ///   - connections: each carries one write at a time; two let one fill while the other waits for the disk.
    ///   - maximalWaitingBytes: payload that may wait; past it requests are refused.
    public init(topology: StreamTopology, connections: [RedisConnection], maximalWaitingBytes: Int = 32 << 20) {
        self.topology = topology
        self.maximalWaitingBytes = maximalWaitingBytes
        idle = connections
    }

    /// Events that wait for a free connection.
    var waitingEvents: Int { waiting.entries.reduce(0) { $0 + $1.batch.eventCount } }

    /// Requests that are not answered yet.
    var openRequests: Int { progress.count }

    /// Returns once Redis has answered for every batch.
    /// - Throws: ``RedisError``. Some of the batches may then be in the streams all the same; sending them again is harmless.
    public func append(_ batches: [PartitionBatch]) async throws {
        guard !batches.isEmpty else { return }
        guard waiting.waitingBytes < maximalWaitingBytes else {
            throw RedisError(.backingOff, "\(waiting.waitingBytes) bytes of events wait for Redis")
        }
        try await withCheckedThrowingContinuation { continuation in
            let ticket = Ticket(continuation)
            progress[ObjectIdentifier(ticket)] = (batches.count, nil)
            for batch in batches { waiting.add(batch, ticket: ticket) }
            startNextFlight()
        }
    }

    private func startNextFlight() {
        guard !waiting.isEmpty, let connection = idle.popLast() else { return }
        let entries = waiting.takeAll()
        Task { await self.fly(entries, over: connection) }
    }

    private func fly(_ entries: [GroupCommit<Ticket>.Entry], over connection: RedisConnection) async {
        let commands = entries.map { entry in
            RedisCommand(
                "XADD", RedisArgument(StreamNames.events(entry.batch.partition)), "*", "b", RedisArgument(entry.batch.payload),
                "n", RedisArgument(entry.batch.eventCount))
        }
        do {
            let replies = try await connection.send(commands)
            for (entry, reply) in zip(entries, replies) { settle(entry, failure: reply.error) }
        } catch {
            for entry in entries { settle(entry, failure: error) }
        }
        idle.append(connection)
        startNextFlight()
    }

    private func settle(_ entry: GroupCommit<Ticket>.Entry, failure: RedisError?) {
        for ticket in entry.tickets {
            guard var state = progress[ObjectIdentifier(ticket)] else { continue }
            state.outstanding -= 1
            state.failure = state.failure ?? failure
            if state.outstanding > 0 {
                progress[ObjectIdentifier(ticket)] = state
                continue
            }
            progress[ObjectIdentifier(ticket)] = nil
            if let failure = state.failure { ticket.continuation.resume(throwing: failure) } else { ticket.continuation.resume() }
        }
    }
}
