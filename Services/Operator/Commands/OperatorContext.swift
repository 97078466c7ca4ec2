import EventStream
import HistoryStore
import Logging
import ServiceKit

/// What commands need of the environment: servers by their settings, and a log that only shows trouble.
struct OperatorContext {
    let configuration: ServiceConfiguration
    let logger: Logger

    /// - Throws: ``ConfigurationError``
    init() throws {
        configuration = try ServiceConfiguration()
        var logger = Logger(label: "playhead")
        // Commands report failures themselves.
        logger.logLevel = .critical
        self.logger = logger
    }

    func postgres() throws -> PostgresConnection {
        PostgresConnection(PostgresConfiguration(url: try configuration.text(.postgresURL)), name: "playhead-operator", logger: logger)
    }

    func redis() throws -> RedisConnection {
        RedisConnection(try RedisConfiguration(url: configuration.text(.redisURL)), name: "operator", logger: logger)
    }

    func topology() throws -> StreamTopology {
        StreamTopology(partitions: try configuration.integer(.partitions))
    }
}
