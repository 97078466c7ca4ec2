import EventStream
import HistoryStore
import PublicAPI
import ServiceKit

/// The parts that follow the change feed, put together.
struct Live {
    let hub: LiveHub
    let routes: LiveRoutes

    /// - Throws: ``ConfigurationError``
    init(runner: ServiceRunner, authentication: Authentication, reader history: HistoryReader, guarding: DatabaseGuard) throws {
        let configuration = runner.configuration
        let redis = try RedisConfiguration(url: configuration.text(.redisURL))
        let topology = StreamTopology(partitions: try configuration.integer(.partitions))
        func reader(_ purpose: String) -> ChangeReader {
            ChangeReader(
                topology: topology,
                connection: RedisConnection(redis, name: "query-\(purpose)", checks: [topology.agreement], logger: runner.logger))
        }
        hub = LiveHub(
            reader: reader("changes"), maximalFollowers: try configuration.integer(.liveStreams),
            heartbeat: try configuration.milliseconds(.liveHeartbeatMs), readiness: runner.readiness, logger: runner.logger,
            isInForce: authentication.isInForce)
        routes = LiveRoutes(hub: hub, past: reader("past"), reader: history, guarding: guarding)
    }
}
