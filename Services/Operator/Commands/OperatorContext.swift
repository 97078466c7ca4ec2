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

    /// What edge and query may ask for.
    var token: String? { configuration.optionalText(.token) }

    /// For writers of sessions, too, who need the order of keys.
    /// - Parameter requestTimeout: of each statement.
    func postgres(
        requestTimeout: Duration = .seconds(30), schema: PostgresConfiguration.Schema = .history
    ) throws -> PostgresConnection {
        PostgresConnection(
            PostgresConfiguration(
                url: try configuration.text(.postgresURL), requestTimeout: requestTimeout, plans: .inKeyOrder, schema: schema),
            name: "playhead-operator",
            logger: logger)
    }

    /// The same as a pool.
    func pool(requestTimeout: Duration = .seconds(30)) throws -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(url: try configuration.text(.postgresURL), requestTimeout: requestTimeout), size: 1,
            name: "playhead-operator", logger: logger)
    }

    /// Of the history and, where there is one, of the shadow.
    func eraser() throws -> MemberEraser {
        let url = try configuration.text(.postgresURL)
        func pool(_ schema: PostgresConfiguration.Schema) -> PostgresPool {
            PostgresPool(PostgresConfiguration(url: url, schema: schema), size: 1, name: "playhead-operator", logger: logger)
        }
        return MemberEraser(pool: pool(.history), shadow: pool(.shadow))
    }

    func redis() throws -> RedisConnection {
        RedisConnection(try RedisConfiguration(url: configuration.text(.redisURL)), name: "operator", logger: logger)
    }

    /// That of the shadow's copies.
    func shadowRedis() throws -> RedisConnection {
        RedisConnection(try RedisConfiguration(url: configuration.text(.shadowRedisURL)), name: "operator-shadow", logger: logger)
    }

    /// As the services recorded it; before the first one ran, as it is configured.
    func topology(over redis: RedisConnection) async throws -> StreamTopology {
        try await StreamTopology.recorded(over: redis) ?? StreamTopology(partitions: configuration.integer(.partitions))
    }
}
