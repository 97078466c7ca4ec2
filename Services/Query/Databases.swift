import EventStream
import Foundation
import HistoryStore
import ServiceKit

/// The connections to PostgreSQL. Reads may go to a standby, writes go to the primary.
struct Databases: Sendable {
    /// Reads are answered within a device's patience.
    private static let readTimeout = Duration.seconds(2)
    /// Of one statement of a write, as a batch of rows that is erased.
    private static let writeTimeout = Duration.seconds(8)

    /// Of one portion, and from one portion to the next: a client that takes longer is cut off anyway.
    private static let exportTimeout = Duration.seconds(60)

    /// Of a statement that reads all live sessions.
    private static let statisticsTimeout = Duration.seconds(60)

    /// Whatever reads a few rows.
    let shortReads: PipelinedReads
    /// Whatever reads a member's whole history, or pages of hundreds.
    let longReads: PipelinedReads
    let writes: PostgresPool
    /// The same in the shadow, for what is erased.
    let shadowWrites: PostgresPool
    /// Each is held for as long as a client takes to read a history.
    let exports: PostgresPool
    /// Whatever reads the sessions of all members: two at a time, as each reads through a table.
    let statistics: PostgresPool
    private let monitor: PostgresConnection
    private let operations: PostgresConnection

    var migrator: Migrator { Migrator(connection: monitor) }

    /// - Throws: ``ConfigurationError``
    init(runner: ServiceRunner) throws(ConfigurationError) {
        let primary = try runner.configuration.text(.postgresURL)
        let standby = runner.configuration.optionalText(.postgresReadURL)
        let reading = PostgresConfiguration(
            url: standby ?? primary, requestTimeout: Self.readTimeout, needsWrites: false, plans: .inIndexOrder)
        let connections = try runner.configuration.integer(.databaseConnections)
        // What waits shares a connection, so more of them than cores only cost switches.
        let shortConnections = connections > 0 ? connections : max(ProcessInfo.processInfo.activeProcessorCount, 2)
        shortReads = PipelinedReads(reading, connections: shortConnections, name: "playhead-query", logger: runner.logger)
        longReads = PipelinedReads(reading, connections: 2, atOnce: 1, maximalOpen: 256, name: "playhead-query-long", logger: runner.logger)
        var writing = PostgresConfiguration(url: primary, requestTimeout: Self.writeTimeout)
        writes = PostgresPool(writing, size: 2, maximalWait: Self.readTimeout, name: "playhead-query-write", logger: runner.logger)
        writing.schema = .shadow
        shadowWrites = PostgresPool(
            writing, size: 1, maximalWait: Self.readTimeout, name: "playhead-query-write-shadow", logger: runner.logger)
        exports = PostgresPool(
            PostgresConfiguration(url: standby ?? primary, requestTimeout: Self.exportTimeout, needsWrites: false), size: 4,
            maximalWaiting: 64, maximalWait: Self.readTimeout, name: "playhead-query-export", logger: runner.logger)
        statistics = PostgresPool(
            PostgresConfiguration(url: standby ?? primary, requestTimeout: Self.statisticsTimeout, needsWrites: false), size: 2,
            maximalWaiting: 16, maximalWait: Self.readTimeout, name: "playhead-query-statistics", logger: runner.logger)
        monitor = PostgresConnection(reading, name: "playhead-query-monitor", logger: runner.logger)
        // Counting dead letters may take longer than readiness can wait.
        operations = PostgresConnection(reading, name: "playhead-query-operations", logger: runner.logger)
    }

    /// - Throws: ``ConfigurationError``
    func inspector(runner: ServiceRunner) throws -> PipelineInspector {
        PipelineInspector(
            topology: StreamTopology(partitions: try runner.configuration.integer(.partitions)),
            connection: RedisConnection(
                try RedisConfiguration(url: runner.configuration.text(.redisURL)), name: "query-pipeline", logger: runner.logger),
            database: operations)
    }
}
