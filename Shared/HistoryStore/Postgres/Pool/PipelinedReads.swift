import BlockingClient
import Logging

/// Short reads over a few connections in pipeline mode.
///
/// An idle connection takes a read at once. While all are busy reads gather, and the first connection that is free takes several of
/// them: one round trip and one sync for all, so that under load each costs a part of its switches and system calls.
public final class PipelinedReads: QueryRunner {
    private let queue: ReadQueue
    private let connections: [PostgresConnection]
    private let atOnce: Int
    private let requestTimeout: Duration
    /// Numbers of connections that wait for reads. The one that waits shortest is the next: its caches are warm, and others may rest.
    private let idle: LockedValue<[Int]>

    /// - Parameters:
    ///   - configuration: `requestTimeout` bounds a read from its beginning, waiting included.
    ///   - connections: each with a thread and a backend at the server.
    ///   - atOnce: reads that one connection takes in one go. A read waits for those before it.
    ///   - maximalOpen: reads that may be under way or wait; more are refused at once.
    ///   - patience: how long a read is tried again whose connection was lost, as all are after a restart of the server.
    public init(
        _ configuration: PostgresConfiguration, connections: Int, atOnce: Int = 16, maximalOpen: Int = 4096,
        patience: Duration = .milliseconds(500), name: String, logger: Logger
    ) {
        self.connections = (0..<connections).map { PostgresConnection(configuration, name: "\(name)-\($0)", logger: logger) }
        self.atOnce = atOnce
        requestTimeout = configuration.requestTimeout
        queue = ReadQueue(maximalOpen: maximalOpen, patience: patience)
        idle = LockedValue(Array(0..<connections))
    }

    /// Reads that are under way or wait.
    public var open: Int { queue.open }

    /// Runs a statement that changes nothing.
    /// - Throws: ``PostgresError``, of kind `overloaded` when too many wait already.
    public func run(_ query: PostgresQuery) async throws(PostgresError) -> PostgresResult {
        try await queue.submit(query, deadline: .now + requestTimeout) {
            if let number = idle.withLock({ $0.popLast() }) { wake(number) }
        }
    }

    private func wake(_ number: Int) {
        connections[number].perform { [self] connection in work(connection, number) }
    }

    /// Runs what waits, until nothing does. On the connection's thread.
    private func work(_ connection: isolated PostgresConnection, _ number: Int) {
        while true {
            // Not before there is a connection: a read must not wait for one while another connection could run it.
            if let failure = connection.connect() { return rest(number, after: failure) }
            let reads = queue.take(upTo: atOnce)
            guard reads.isEmpty else {
                attempt(reads, over: connection)
                continue
            }
            guard isWantedAgain(number) else { return }
        }
    }

    /// Notes that a connection waits for reads, unless one came before that was noted, which woke nobody.
    private func isWantedAgain(_ number: Int) -> Bool {
        idle.withLock { $0.append(number) }
        guard !queue.isEmpty else { return false }
        return idle.withLock { idle in
            guard let index = idle.firstIndex(of: number) else { return false }
            idle.remove(at: index)
            return true
        }
    }

    private func attempt(_ reads: [ReadQueue.Waiting], over connection: isolated PostgresConnection) {
        // Of the last of them: whoever waits shorter is answered in time by the queue, and the connection has no part in that.
        let deadline = reads.map(\.deadline).max() ?? .now
        do {
            let outcomes = try connection.runEach(reads.map(\.query), deadline: deadline)
            var unanswered: [ReadQueue.Waiting] = []
            for (read, outcome) in zip(reads, outcomes) {
                if let outcome { read.answer(outcome) } else { unanswered.append(read) }
            }
            if !unanswered.isEmpty { queue.putBack(unanswered, after: nil) }
        } catch {
            queue.putBack(reads, after: error)
        }
    }

    /// After a failure to connect: another may do better, and this one tries again while there are reads.
    private func rest(_ number: Int, after failure: PostgresError) {
        if let other = idle.withLock({ $0.popLast() }) { wake(other) } else { queue.note(failure) }
        Task { [self] in
            try? await Task.sleep(for: .milliseconds(20))
            if isWantedAgain(number) { wake(number) }
        }
    }
}
