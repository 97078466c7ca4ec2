import DequeModule
import Logging

/// A fixed number of connections that requests take in turn.
public actor PostgresPool {
    private var idle: [PostgresConnection]
    private var waiting: Deque<CheckedContinuation<PostgresConnection, Never>> = []
    private let maximalWaiting: Int

    /// - Parameters:
    ///   - size: connections, each with a thread and a backend at the server.
    ///   - maximalWaiting: requests that may wait for a connection; more are refused at once.
    public init(_ configuration: PostgresConfiguration, size: Int, maximalWaiting: Int = 1024, name: String, logger: Logger) {
        idle = (0..<size).map { PostgresConnection(configuration, name: "\(name)-\($0)", logger: logger) }
        self.maximalWaiting = maximalWaiting
    }

    /// Runs statements over the next free connection.
    /// - Throws: ``PostgresError``, of kind `backingOff` when too many wait already.
    public func run(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
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
        if let connection = idle.popLast() { return connection }
        guard waiting.count < maximalWaiting else { throw PostgresError(.backingOff, "\(waiting.count) requests wait for a connection") }
        return await withCheckedContinuation { waiting.append($0) }
    }

    private func giveBack(_ connection: PostgresConnection) {
        if let next = waiting.popFirst() { next.resume(returning: connection) } else { idle.append(connection) }
    }
}
