import Batching
import BlockingClient
import EventStream
import Logging
import Metrics
import ServiceKit
import ServiceLifecycle
import Spool

/// What makes events durable, put together from the settings.
struct Durability: Sendable {
    let log: DurableLog
    /// What others need stands first.
    let services: [any Service]
    private let spool: Spool?
    private let publication: SpoolPublication?

    /// - Throws: ``ConfigurationError``, ``RedisError`` for a bad URL.
    init(runner: ServiceRunner) async throws {
        let configuration = runner.configuration
        let topology = StreamTopology(partitions: try configuration.integer(.partitions))
        let streamTimeout = try configuration.milliseconds(.streamTimeoutMs)
        var redis = try RedisConfiguration(url: configuration.text(.redisURL))
        redis.connectTimeout = min(redis.connectTimeout, streamTimeout)
        redis.commandTimeout = streamTimeout
        let checks = [topology.agreement] + (configuration.flag(.trustRedisDurability) ? [] : [.durability])
        // One outage is one message, not one of each connection: EdgeCondition has it.
        var quiet = runner.logger
        quiet.logLevel = .critical
        // Nor do they wait by themselves: the gate says when to try.
        func connection(_ name: String, checks: [ConnectionCheck]) -> RedisConnection {
            RedisConnection(redis, name: "edge-\(name)", checks: checks, backoff: Backoff(base: .zero, limit: .zero), logger: quiet)
        }

        let spool = try await Self.spool(runner, partitions: topology.partitions)
        let appender = StreamAppender(connections: (0..<2).map { connection("append-\($0)", checks: checks) })
        let condition = EdgeCondition(appender: appender, spool: spool, readiness: runner.readiness, logger: runner.logger)
        let drain = spool.map { Self.drain($0, over: connection("drain", checks: checks), timeout: streamTimeout) }
        let monitor = connection("monitor", checks: [])
        publication = spool.map { SpoolPublication(spool: $0, ledger: SpoolLedger(connection: monitor)) }
        self.spool = spool
        log = DurableLog(
            appender: appender, spool: spool, condition: condition, partitions: topology.partitions, streamTimeout: streamTimeout)
        var services: [any Service] = [
            StreamMonitor(
                condition: condition, connection: monitor, publication: publication, drain: drain,
                options: .init(
                    streamTimeout: streamTimeout, memoryWatermark: try configuration.integer(.redisMemoryWatermark), checks: checks))
        ]
        if let spool, let drain {
            services.append(
                SpoolDrainer(
                    drain: drain, spool: spool, condition: condition, readiness: runner.readiness, logger: runner.logger))
        }
        self.services = services
    }

    /// After everything has stopped: lets go of the spool, and says so. A disk or a Redis that hangs does not hold up the end.
    func leave() async {
        guard let spool, let publication else { return }
        _ = await result(within: .seconds(2)) {
            spool.close()
            try await publication.publish()
            await spool.removeTold()
        }
    }

    /// A disk that cannot be used is no reason to refuse what Redis takes: the edge goes on without a spool, and says so.
    private static func spool(_ runner: ServiceRunner, partitions: Int) async throws -> Spool? {
        let (configuration, logger) = (runner.configuration, runner.logger)
        guard let root = configuration.optionalText(.spoolDirectory) else {
            logger.notice("there is no spool (PLAYHEAD_SPOOL_DIR): events are refused while Redis does not take them")
            return nil
        }
        let limit = try configuration.integer(.spoolMaxMiB) << 20
        do throws(SpoolError) {
            let spool = try await Spool(root: root, partitions: partitions, limitBytes: limit, logger: logger)
            logger.info("spooling while Redis does not take events", metadata: ["folder": "\(root)/\(spool.name)"])
            return spool
        } catch {
            let consequence = "events are refused while Redis does not take them, until the edge is started again"
            logger.error("there is no spool: \(consequence)", metadata: ["error": "\(error)"])
            runner.readiness.fails("spool", "\(error): \(consequence)", isDegradedOnly: true)
            return nil
        }
    }

    private static func drain(_ spool: Spool, over connection: RedisConnection, timeout: Duration) -> SpoolDrain {
        let appender = StreamAppender(connections: [connection])
        let drained = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "drained")])
        let send = { @Sendable (batches: [PartitionBatch]) async throws in
            do {
                try await appender.append(batches, deadline: .now + timeout)
            } catch {
                // It stays the next portion: here it would only be in the way.
                appender.turnAway()
                throw error
            }
            drained.increment(by: batches.reduce(0) { $0 + $1.eventCount })
        }
        return SpoolDrain(spool, isRefusal: DurableLog.isRefusal, send: send)
    }
}
