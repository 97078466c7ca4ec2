import BlockingClient
import EventStream
import Foundation
import HistoryStore
import Logging
import Models
import ServiceKit
import ServiceLifecycle

/// What routes members to one way or the other, and what writes and copies on the synchronous one, put together from the settings.
struct Routing: Sendable {
    let synchronous: SynchronousPath
    let counts = RequestCounts()
    /// Of the time that a request has, what it waits for the journal of copies at most: with 2 s 40 ms.
    private static let journalShare = 50
    /// What others need stands first.
    let services: [any Service]
    private let follower: RouteFollower

    /// - Throws: ``ConfigurationError``, ``RedisError`` for a bad URL.
    init(runner: ServiceRunner) throws {
        let configuration = runner.configuration
        let folder = configuration.optionalText(.spoolDirectory)
        let file = folder.map(RouteFile.init)
        let inUse = RouteInUse(RouteFollower.lastKnown(file, logger: runner.logger))
        let name = "\(ProcessInfo.processInfo.hostName)-\(UInt64.random(in: 0...UInt64.max))"
        let timeout = try configuration.milliseconds(.syncTimeoutMs)
        let partitions = try configuration.integer(.partitions)

        var redis = try RedisConfiguration(url: configuration.text(.redisURL))
        redis.commandTimeout = try configuration.milliseconds(.streamTimeoutMs)
        redis.connectTimeout = min(redis.connectTimeout, redis.commandTimeout)
        var quiet = runner.logger
        quiet.logLevel = .critical
        let connection = RedisConnection(redis, name: "edge-route", logger: quiet)
        let ledger = EdgeLedger(connection: connection)

        let journal = folder.map { CopyJournal(folder: $0, edge: name) }
        let copier = ShadowCopier(
            appender: try Self.shadow(configuration, partitions: partitions, logger: runner.logger), journal: journal,
            partitions: partitions, journalPatience: timeout / Self.journalShare)
        let database = PostgresConfiguration(url: try configuration.text(.postgresURL), requestTimeout: timeout, plans: .inKeyOrder)
        let (connections, waiting) = (try configuration.integer(.syncConnections), try configuration.integer(.syncWaiting))
        // Each connection has a thread, which an edge that writes nothing itself can do without.
        let writer = OnFirstUse { [quiet] in
            DatabaseWriter(
                appliers: (0..<connections).map { index in
                    SessionApplier(
                        connection: PostgresConnection(database, name: "playhead-edge-\(index)", logger: quiet), cacheBytes: 0,
                        keptSince: { configuration.historyKeptSince() }, keepsChanges: true, meetsOthers: true)
                }, maximalWaiting: waiting)
        }
        synchronous = SynchronousPath(
            routes: inUse, writer: writer, copier: copier, timeout: timeout, readiness: runner.readiness)
        let counts = counts
        follower = RouteFollower(
            name: name, inUse: inUse, file: file, store: RouteStore(connection: connection), ledger: ledger,
            report: {
                var report = EdgeReport(routeVersion: inUse.current.version, makesCopies: false, hasShadowed: inUse.hasShadowed)
                counts.add(to: &report)
                copier.add(to: &report)
                return report
            }, readiness: runner.readiness, logger: runner.logger)
        services = [
            MissingCopies(
                edge: name, copier: copier, journal: journal, abandoned: folder.map(AbandonedJournals.init),
                notes: ShadowNotes(connection: PostgresConnection(database, name: "playhead-edge-notes", logger: quiet)), ledger: ledger,
                readiness: runner.readiness, logger: runner.logger),
            follower,
        ]
    }

    /// Before anything is served.
    func learn() async {
        await follower.lookFirst()
    }

    /// Where copies go; nil for nowhere.
    private static func shadow(
        _ configuration: ServiceConfiguration, partitions: Int, logger: Logger
    ) throws -> StreamAppender? {
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
