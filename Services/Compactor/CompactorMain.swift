import EventStream
import Metrics
import ServiceKit

/// `playhead-compactor`: trims what every required group has acknowledged.
@main
struct CompactorMain {
    static func main() async {
        await ServiceRunner.main {
            let runner = try ServiceRunner(name: "playhead-compactor", defaults: [.adminPort: "9083"], awaiting: ["redis"])
            let redis = try RedisConfiguration(url: runner.configuration.text(.redisURL))
            let topology = StreamTopology(partitions: try runner.configuration.integer(.partitions))
            let connection = RedisConnection(redis, name: "compactor", logger: runner.logger)
            let trimmer = StreamTrimmer(topology: topology, connection: connection)
            let trimmed = Counter(label: "playhead_compactor_trimmed_entries_total")
            try await runner.run([
                PeriodicTask(
                    "redis", every: try runner.configuration.milliseconds(.trimIntervalMs), readiness: runner.readiness,
                    logger: runner.logger, endsProcess: { ($0 as? RedisError)?.kind == .configuration },
                    work: {
                        try await topology.agree(over: connection)
                        trimmed.increment(by: try await trimmer.trim())
                    })
            ])
        }
    }
}
