import EventStream
import Logging
import ServiceKit

extension StreamAppender {
    /// Where copies go; nil for nowhere.
    /// - Throws: ``ConfigurationError``, ``RedisError`` for a bad URL.
    static func toShadow(_ configuration: ServiceConfiguration, partitions: Int, logger: Logger) throws -> StreamAppender? {
        guard let url = configuration.optionalText(.shadowRedisURL) else { return nil }
        if try url == configuration.text(.redisURL) {
            logger.warning("the shadow's copies share a Redis with the events: where nobody applies them, they fill it")
        }
        var redis = try RedisConfiguration(url: url)
        redis.commandTimeout = .seconds(1)
        redis.connectTimeout = .seconds(1)
        let topology = StreamTopology(partitions: partitions, kind: .shadow)
        let connections = (0..<2).map { index in
            RedisConnection(redis, name: "edge-shadow-\(index)", checks: [topology.agreement], logger: logger)
        }
        return StreamAppender(.shadow, connections: connections, maximalWaitingBytes: 8 << 20)
    }
}
