import EventStream
import Foundation
import HistoryStore
import ServiceKit

/// `playhead-processor`: folds events into sessions and writes them to PostgreSQL.
@main
struct ProcessorMain {
    static func main() async {
        await ServiceRunner.main {
            let runner = try ServiceRunner(
                name: "playhead-processor", defaults: [.adminPort: "9082"], awaiting: ["redis", "schema"])
            let configuration = runner.configuration
            let redis = try RedisConfiguration(url: configuration.text(.redisURL))
            // A write that hangs must end before the time that a graceful stop has.
            let postgres = PostgresConfiguration(
                url: try configuration.text(.postgresURL), requestTimeout: .seconds(8), followsKeyOrder: true)
            let name =
                configuration.optionalText(.replica)
                ?? "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
            let topology = StreamTopology(partitions: try configuration.integer(.partitions))
            func connection(_ purpose: String) -> RedisConnection {
                RedisConnection(redis, name: "processor-\(purpose)", logger: runner.logger)
            }

            let commands = connection("commands")
            let consumer = GroupConsumer(
                group: StreamNames.historyGroup, name: name, topology: topology, reader: connection("reader"), commands: commands)
            let heart = connection("heartbeat")
            let migrator = Migrator(
                connection: PostgresConnection(postgres, name: "playhead-processor-monitor", logger: runner.logger))
            let processor = HistoryProcessor(
                consumer: consumer, monitor: commands,
                applier: SessionApplier(
                    connection: PostgresConnection(postgres, name: "playhead-processor", logger: runner.logger),
                    cachedSessions: try configuration.integer(.cachedSessions)),
                options: .init(
                    readCount: try configuration.integer(.readCount), claimIdle: try configuration.milliseconds(.claimIdleMs)),
                persistence: Persistence(readiness: runner.readiness, logger: runner.logger), logger: runner.logger)
            try await runner.run([
                // A processor that has nothing to do yet is ready only when the database is there with its schema.
                PeriodicTask(
                    "schema", every: .seconds(1), readiness: runner.readiness, logger: runner.logger,
                    work: { try await migrator.requireLatestVersion() }),
                processor,
                Heartbeat(
                    consumer: GroupConsumer(
                        group: StreamNames.historyGroup, name: name, topology: topology, reader: heart, commands: heart),
                    logger: runner.logger),
            ])
        }
    }
}
