import BlockingClient
import Logging

/// A fixed number of connections that requests take in turn.
public final class PostgresPool: Sendable {
    private let turns: Turns<PostgresConnection>
    private let maximalWait: Duration
    private let patience: Duration

    /// - Parameters:
    ///   - size: connections, each with a thread and a backend at the server.
    ///   - maximalWaiting: requests that may wait for a connection; more are refused at once.
    ///   - maximalWait: how long a request waits for a connection.
    ///   - patience: how long statements are tried again over other connections.
    public init(
        _ configuration: PostgresConfiguration, size: Int, maximalWaiting: Int = 1024, maximalWait: Duration = .seconds(10),
        patience: Duration = .milliseconds(500), name: String, logger: Logger
    ) {
        turns = Turns(
            (0..<size).map { PostgresConnection(configuration, name: "\(name)-\($0)", logger: logger) }, maximalWaiting: maximalWaiting)
        self.maximalWait = maximalWait
        self.patience = patience
    }

    /// Runs statements that may be repeated. Where a connection turns out to be lost, as all are after a restart of the server, they are
    /// tried again for a moment over the next.
    /// - Throws: ``PostgresError``, of kind `overloaded` when too many wait already.
    public func run(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        let giveUp = ContinuousClock.now + patience
        while true {
            do throws(PostgresError) {
                return try await attempt(queries)
            } catch let error where [.connection, .backingOff].contains(error.kind) && ContinuousClock.now < giveUp && !Task.isCancelled {
                if error.kind == .backingOff { try? await Task.sleep(for: .milliseconds(20)) }
            }
        }
    }

    /// A connection that nobody else uses until the lease ends, with its last reference at the latest.
    public final class Lease: Sendable {
        public let connection: PostgresConnection
        /// How long the first statements may be tried again, should the connection turn out to be lost.
        public let patience: Duration
        private let pool: PostgresPool
        private let isOver = LockedValue(false)

        init(_ connection: PostgresConnection, of pool: PostgresPool) {
            self.connection = connection
            self.pool = pool
            patience = pool.patience
        }

        /// Somebody broke off: what the connection was in the midst of must not meet the next.
        deinit { end(isClean: false) }

        /// Nothing is open on the connection any more.
        public func end() { end(isClean: true) }

        private func end(isClean: Bool) {
            guard
                isOver.withLock({ isOver in
                    defer { isOver = true }
                    return !isOver
                })
            else { return }
            Task { [pool, connection] in
                if !isClean { await connection.close() }
                await pool.giveBack(connection)
            }
        }
    }

    /// - Throws: ``PostgresError`` of kind `overloaded` when too many wait already.
    public func lease() async throws(PostgresError) -> Lease {
        Lease(try await take(), of: self)
    }

    private func attempt(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        let connection = try await take()
        do {
            let results = try await connection.run(queries)
            await giveBack(connection)
            return results
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    private func take() async throws(PostgresError) -> PostgresConnection {
        do {
            return try await turns.take(within: maximalWait)
        } catch {
            throw PostgresError(.overloaded, "no connection: \(error)")
        }
    }

    private func giveBack(_ connection: PostgresConnection) async {
        await turns.giveBack(connection)
    }
}
