import DequeModule
import Logging

/// A fixed number of connections that requests take in turn.
public actor PostgresPool {
    /// In turn: one that lost its server is not the next to be tried again.
    private var idle: Deque<PostgresConnection>
    private var waiting: Deque<CheckedContinuation<PostgresConnection, Never>> = []
    private let maximalWaiting: Int
    private let patience: Duration

    /// - Parameters:
    ///   - size: connections, each with a thread and a backend at the server.
    ///   - maximalWaiting: requests that may wait for a connection; more are refused at once.
    ///   - patience: how long a read is tried again over other connections.
    public init(
        _ configuration: PostgresConfiguration, size: Int, maximalWaiting: Int = 1024, patience: Duration = .milliseconds(500),
        name: String, logger: Logger
    ) {
        idle = Deque((0..<size).map { PostgresConnection(configuration, name: "\(name)-\($0)", logger: logger) })
        self.maximalWaiting = maximalWaiting
        self.patience = patience
    }

    /// Runs statements that only read. Where a connection turns out to be lost, as all are after a restart of the server, they are
    /// tried again for a moment over the next.
    /// - Throws: ``PostgresError``, of kind `overloaded` when too many wait already.
    public func read(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        let giveUp = ContinuousClock.now + patience
        while true {
            do throws(PostgresError) {
                return try await attempt(queries)
            } catch let error where [.connection, .backingOff].contains(error.kind) && ContinuousClock.now < giveUp && !Task.isCancelled {
                if error.kind == .backingOff { try? await Task.sleep(for: .milliseconds(20)) }
            }
        }
    }

    private func attempt(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        let connection = try await take()
        do {
            let results = try await connection.run(queries)
            giveBack(connection)
            return results
        } catch {
            giveBack(connection)
            throw error
        }
    }

    private func take() async throws(PostgresError) -> PostgresConnection {
        if let connection = idle.popFirst() { return connection }
        guard waiting.count < maximalWaiting else { throw PostgresError(.overloaded, "\(waiting.count) requests wait for a connection") }
        return await withCheckedContinuation { waiting.append($0) }
    }

    private func giveBack(_ connection: PostgresConnection) {
        if let next = waiting.popFirst() { next.resume(returning: connection) } else { idle.append(connection) }
    }
}
