import EventStream
import Foundation
import ServiceKit

/// `playhead-edge`: takes events over HTTP and makes them durable before it answers.
@main
struct EdgeMain {
    static func main() async {
        await ServiceRunner.main {
            let runner = try ServiceRunner(
                name: "playhead-edge", defaults: [.httpPort: "8080", .adminPort: "9080"], awaiting: ["redis"])
            let redis = try RedisConfiguration(url: runner.configuration.text(.redisURL))
            let topology = StreamTopology(partitions: try runner.configuration.integer(.partitions))
            func connection(_ name: String) -> RedisConnection {
                RedisConnection(redis, name: "edge-\(name)", logger: runner.logger)
            }

            let appender = StreamAppender(topology: topology, connections: [connection("append-0"), connection("append-1")])
            let intake = EventIntake(
                appender: appender, topology: topology, readiness: runner.readiness,
                now: { Int64(Date.now.timeIntervalSince1970 * 1000) })
            let router = PublicServer.router()
            EventRoutes(intake: intake).add(to: router)
            let monitor = connection("monitor")
            let trustsDurability = runner.configuration.flag(.trustRedisDurability)
            try await runner.run([
                // Checked before anything is written, and again each second: Redis may have come back empty, or as another one.
                PeriodicTask(
                    "redis", every: .seconds(1), readiness: runner.readiness, logger: runner.logger,
                    endsProcess: { ($0 as? RedisError)?.kind == .configuration },
                    work: {
                        try await topology.agree(over: monitor)
                        if !trustsDurability { try await RedisDurability.check(over: monitor) }
                    }),
                try PublicServer.application(router: router, configuration: runner.configuration, logger: runner.logger),
            ])
        }
    }
}
