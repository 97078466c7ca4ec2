import EventStream
import HistoryStore
import Metrics
import ServiceKit
import ServiceLifecycle

/// `playhead-compactor`: trims what every required group has acknowledged and what followers had time to read, announces what was committed
/// elsewhere, finishes what others began to erase, and rolls up viewing that rests.
@main
struct CompactorMain {
    static func main() async {
        await ServiceRunner.main {
            let runner = try ServiceRunner(name: "playhead-compactor", defaults: [.adminPort: "9083"], awaiting: ["redis"])
            try await runner.run(Compactor(runner: runner).services)
        }
    }
}

/// The parts of the service, put together.
private struct Compactor {
    /// How soon what members hide is announced.
    private static let outboxInterval = Duration.milliseconds(100)
    /// Who erases needs this long for a member at most, unless it has died.
    private static let erasureAge: Int32 = 120
    /// A consumer that asked for nothing for so long is dead.
    private static let consumerAge = Duration.seconds(3600)

    private let runner: ServiceRunner
    private let topology: StreamTopology
    private let redis: RedisConfiguration
    private let postgres: PostgresConfiguration

    init(runner: ServiceRunner) throws {
        self.runner = runner
        topology = StreamTopology(partitions: try runner.configuration.integer(.partitions))
        redis = try RedisConfiguration(url: runner.configuration.text(.redisURL))
        postgres = PostgresConfiguration(url: try runner.configuration.text(.postgresURL), requestTimeout: .seconds(8))
    }

    var services: [any Service] {
        get throws {
            [try trimming, try watching] + (try trimmingShadow.map { [$0] } ?? []) + [tidying, announcing, erasing, try compacting]
        }
    }

    private var trimming: any Service {
        get throws {
            let connection = connection("trim")
            let trimmer = StreamTrimmer(
                topology: topology, connection: connection, retention: try runner.configuration.duration(.streamRetention),
                memoryWatermark: try memoryWatermark)
            let feed = ChangeFeed(topology: topology, connection: connection)
            let retention = try runner.configuration.milliseconds(.changesRetentionMs)
            let trimmed = Counter(label: "playhead_compactor_trimmed_entries_total", dimensions: [("stream", "events")])
            let trimmedChanges = Counter(label: "playhead_compactor_trimmed_entries_total", dimensions: [("stream", "changes")])
            return PeriodicTask(
                "redis", every: try runner.configuration.milliseconds(.trimIntervalMs), readiness: runner.readiness, logger: runner.logger,
                endsProcess: { ($0 as? RedisError)?.kind == .configuration },
                work: {
                    try await topology.agree(over: connection)
                    trimmed.increment(by: try await trimmer.trim())
                    trimmedChanges.increment(by: try await feed.trim(olderThan: retention))
                })
        }
    }

    /// Copies that were applied need not be kept at all. nil where no copies are made.
    private var trimmingShadow: (any Service)? {
        get throws {
            guard let url = runner.configuration.optionalText(.shadowRedisURL) else { return nil }
            let connection = RedisConnection(try RedisConfiguration(url: url), name: "compactor-shadow", logger: runner.logger)
            let topology = StreamTopology(partitions: topology.partitions, kind: .shadow)
            let trimmer = StreamTrimmer(topology: topology, connection: connection)
            let trimmed = Counter(label: "playhead_compactor_trimmed_entries_total", dimensions: [("stream", "shadow")])
            let dead = DeadConsumers(topology: topology, connection: connection, idleFor: Self.consumerAge)
            return PeriodicTask(
                "shadow redis", every: .seconds(1), readiness: runner.readiness, logger: runner.logger, isEssential: false,
                work: {
                    trimmed.increment(by: try await trimmer.trim())
                    _ = try await dead.remove(from: topology.kind.group)
                })
        }
    }

    private var memoryWatermark: Int {
        get throws { RedisMemory.trimmingWatermark(spoolingFrom: try runner.configuration.integer(.redisMemoryWatermark)) }
    }

    private var watching: any Service {
        get throws {
            let pressure = StreamPressure(topology: topology, connection: connection("watch"), watermark: try memoryWatermark)
            return PeriodicTask(
                "redis memory", every: .seconds(2), readiness: runner.readiness, logger: runner.logger, isEssential: false,
                work: { try await pressure.look() })
        }
    }

    private var tidying: any Service {
        let connection = connection("tidy")
        let registry = GroupRegistry(topology: topology, connection: connection)
        let dead = DeadConsumers(topology: topology, connection: connection, idleFor: Self.consumerAge)
        let removed = Counter(label: "playhead_compactor_removed_consumers_total")
        return PeriodicTask(
            "consumers", every: .seconds(60), readiness: runner.readiness, logger: runner.logger, isEssential: false,
            work: { for group in try await registry.required() { removed.increment(by: try await dead.remove(from: group)) } })
    }

    private var announcing: any Service {
        let outbox = ChangeOutbox(connection: PostgresConnection(postgres, name: "playhead-compactor-outbox", logger: runner.logger))
        let feed = ChangeFeed(topology: topology, connection: connection("outbox"))
        let announced = Counter(label: "playhead_compactor_announced_changes_total")
        return PeriodicTask(
            "outbox", every: Self.outboxInterval, readiness: runner.readiness, logger: runner.logger, isEssential: false,
            work: {
                while true {
                    let taken = try await outbox.drain { try await feed.append($0) }
                    guard taken > 0 else { return }
                    announced.increment(by: taken)
                }
            })
    }

    private var erasing: any Service {
        var shadow = postgres
        shadow.schema = .shadow
        let eraser = MemberEraser(
            pool: PostgresPool(postgres, size: 1, name: "playhead-compactor-erase", logger: runner.logger),
            shadow: PostgresPool(shadow, size: 1, name: "playhead-compactor-erase-shadow", logger: runner.logger))
        return PeriodicTask(
            "erasures", every: .seconds(30), readiness: runner.readiness, logger: runner.logger, isEssential: false,
            work: { for member in try await eraser.unfinished(olderThan: Self.erasureAge) { try await eraser.removeRows(of: member) } })
    }

    private var compacting: any Service {
        get throws {
            let configuration = runner.configuration
            let url = try configuration.text(.postgresURL)
            let compaction = HistoryCompaction(
                // In the order of their keys, as the processors write; who hangs must not keep them waiting for longer than they do each other.
                connection: PostgresConnection(
                    PostgresConfiguration(url: url, requestTimeout: .seconds(8), plans: .inKeyOrder), name: "playhead-compactor-history",
                    logger: runner.logger),
                walking: PostgresConnection(
                    PostgresConfiguration(url: url, requestTimeout: .seconds(60)), name: "playhead-compactor-walk", logger: runner.logger),
                compactAfter: try configuration.duration(.compactAfter), keptSince: { configuration.historyKeptSince() },
                rate: try configuration.integer(.compactRate),
                logger: runner.logger)
            return PeriodicTask(
                "history", every: .seconds(1), readiness: runner.readiness, logger: runner.logger, isEssential: false,
                work: { try await compaction.run() })
        }
    }

    private func connection(_ purpose: String) -> RedisConnection {
        RedisConnection(redis, name: "compactor-\(purpose)", logger: runner.logger)
    }
}
