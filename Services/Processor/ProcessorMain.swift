import EventStream
import Foundation
import HistoryStore
import Logging
import ServiceKit
import ServiceLifecycle

/// `playhead-processor`: folds events into sessions and writes them to PostgreSQL.
@main
struct ProcessorMain {
    static func main() async {
        await ServiceRunner.main {
            let configuration = try ServiceConfiguration(defaults: [.adminPort: "9082"])
            let lanes = min(try configuration.integer(.lanes), try configuration.integer(.partitions))
            let runner = try ServiceRunner(
                name: "playhead-processor", configuration: configuration,
                awaiting: ["schema", "streams"] + (0..<lanes).map { Persistence.part("redis", lane: $0) })
            let processor = try Processor(runner: runner, lanes: lanes)
            try await runner.run(processor.services)
        }
    }
}

/// The parts of the service, put together.
private struct Processor {
    private let runner: ServiceRunner
    private let lanes: Int
    private let redis: RedisConfiguration
    private let postgres: PostgresConfiguration
    private let name: String
    private let topology: StreamTopology
    private let membership: Membership
    private let metrics = ProcessorMetrics()
    private let breaker: PoisonBreaker
    private var group: String { topology.kind.group }

    init(runner: ServiceRunner, lanes: Int) throws {
        let configuration = runner.configuration
        self.runner = runner
        self.lanes = lanes
        let kind: StreamKind = try configuration.text(.processorGroup) == StreamKind.shadow.group ? .shadow : .events
        redis = try RedisConfiguration(url: configuration.text(kind == .shadow ? .shadowRedisURL : .redisURL))
        // A write that hangs must end before the time that a graceful stop has.
        postgres = PostgresConfiguration(
            url: try configuration.text(.postgresURL), requestTimeout: .seconds(8), plans: .inKeyOrder,
            schema: kind == .shadow ? .shadow : .history)
        name =
            configuration.optionalText(.replica)
            ?? "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
        topology = StreamTopology(partitions: try configuration.integer(.partitions), kind: kind)
        membership = Membership(replica: name, partitions: topology.partitions)
        breaker = PoisonBreaker(readiness: runner.readiness, metrics: metrics, logger: runner.logger)
    }

    var services: [any Service] {
        get throws {
            let migrator = Migrator(
                connection: PostgresConnection(postgres, name: "playhead-processor-monitor", logger: runner.logger))
            let watch = StreamWatch(
                inspector: StreamInspector(topology: topology, connection: connection("watch")), group: group, membership: membership)
            let services: [any Service] = [
                // A processor that has nothing to do yet is ready only when the database is there with its schema.
                PeriodicTask(
                    "schema", every: .seconds(1), readiness: runner.readiness, logger: runner.logger,
                    work: { try await migrator.requireLatestVersion() }),
                PeriodicTask(
                    "streams", every: .seconds(1), readiness: runner.readiness, logger: runner.logger, work: { try await watch.look() }),
            ]
            // Stopped in reverse order: a replica leaves when its lanes have ended.
            let pulse = connection("heartbeat")
            let marks = IsolationMarks(group: group, consumer: name)
            let heartbeat = Heartbeat(
                group: group, membership: membership, marks: marks, connection: pulse, readiness: runner.readiness, metrics: metrics,
                logger: runner.logger)
            return services + [heartbeat, Lanes(lanes: try (0..<lanes).map { try lane($0, marks: marks) })]
        }
    }

    private func connection(_ purpose: String) -> RedisConnection {
        RedisConnection(redis, name: "processor-\(purpose)", logger: runner.logger)
    }

    private func lane(_ index: Int, marks: IsolationMarks) throws -> Lane {
        let configuration = runner.configuration
        let connection = connection("lane-\(index)")
        let options = Lane.Options(
            index: index, count: lanes, batchEvents: try configuration.integer(.batchEvents),
            claimIdle: try configuration.milliseconds(.claimIdleMs))
        let persistence = Persistence(readiness: runner.readiness, logger: runner.logger, lane: index)
        let database = PostgresConnection(postgres, name: "playhead-processor-\(index)", logger: runner.logger)
        // What the shadow is told changes nothing that anybody is shown.
        let announcer =
            topology.kind == .shadow
            ? nil
            : ChangeAnnouncer(
                feed: ChangeFeed(topology: topology, connection: connection), outbox: ChangeOutbox(connection: database),
                persistence: persistence, metrics: metrics)
        let applier = EntryApplier(
            lane: index,
            applier: SessionApplier(
                connection: database, cacheBytes: try (configuration.integer(.sessionCacheMiB) << 20) / lanes,
                keptSince: { configuration.historyKeptSince() }),
            announcer: announcer, breaker: breaker, metrics: metrics, logger: runner.logger,
            now: { Int64(Date.now.timeIntervalSince1970 * 1000) })
        let isolation = Isolation(
            applier: applier, marks: marks, connection: connection, persistence: persistence,
            metrics: metrics)
        let reader = LaneReader(
            consumer: GroupConsumer(group: group, name: name, topology: topology, connection: connection), membership: membership,
            persistence: persistence, options: options)
        return Lane(
            options: options, reader: reader, applier: applier, isolation: isolation, breaker: breaker, readiness: runner.readiness,
            persistence: persistence, metrics: metrics, logger: runner.logger)
    }
}
