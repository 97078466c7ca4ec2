import EventStream
import Foundation
import HistoryStore
import Logging
import Models
import ServiceKit
import ServiceLifecycle

/// What routes members to one way or the other, and what writes and copies on the synchronous one, put together from the settings.
struct Routing: Sendable {
    /// Of the time that a request has, what it waits for the journal of copies at most: of 2 s it is 40 ms.
    private static let journalShare = 50

    let synchronous: SynchronousPath
    let counts = RequestCounts()
    /// What others need stands first.
    let services: [any Service]
    private let follower: RouteFollower

    /// - Throws: ``ConfigurationError``, ``RedisError`` for a bad URL.
    init(runner: ServiceRunner) throws {
        let (configuration, readiness, logger) = (runner.configuration, runner.readiness, runner.logger)
        let folder = configuration.optionalText(.spoolDirectory)
        let file = folder.map(RouteFile.init)
        let inUse = RouteInUse(RouteFollower.lastKnown(file, logger: logger))
        let name = "\(ProcessInfo.processInfo.hostName)-\(UInt64.random(in: 0...UInt64.max))"
        let timeout = try configuration.milliseconds(.syncTimeoutMs)
        let partitions = try configuration.integer(.partitions)

        var redis = try RedisConfiguration(url: configuration.text(.redisURL))
        redis.commandTimeout = try configuration.milliseconds(.streamTimeoutMs)
        redis.connectTimeout = min(redis.connectTimeout, redis.commandTimeout)
        // What becomes of it is told by those who use it.
        var quiet = logger
        quiet.logLevel = .critical
        let connection = RedisConnection(redis, name: "edge-route", logger: quiet)
        let ledger = EdgeLedger(connection: connection)

        let journal = folder.map { CopyJournal(folder: $0, edge: name) }
        let copier = ShadowCopier(
            appender: try StreamAppender.toShadow(configuration, partitions: partitions, logger: logger), journal: journal,
            partitions: partitions, journalPatience: timeout / Self.journalShare, readiness: readiness, logger: logger)
        let database = PostgresConfiguration(url: try configuration.text(.postgresURL), requestTimeout: timeout, plans: .inKeyOrder)
        synchronous = SynchronousPath(
            routes: inUse, writer: try DatabaseWriter.onFirstUse(configuration, database, logger: logger), copier: copier, timeout: timeout,
            readiness: readiness, logger: logger)
        let counts = counts
        follower = RouteFollower(
            name: name, inUse: inUse, keeper: file.map { RouteKeeper(file: $0, readiness: readiness, logger: logger) },
            store: RouteStore(connection: connection), ledger: ledger,
            report: {
                var report = EdgeReport(routeVersion: inUse.current.version, makesCopies: false, hasShadowed: inUse.hasShadowed)
                counts.add(to: &report)
                copier.add(to: &report)
                return report
            }, readiness: readiness, logger: logger)
        services = [
            MissingCopies(
                edge: name, copier: copier, journal: journal, abandoned: folder.map(AbandonedJournals.init),
                notes: ShadowNotes(connection: PostgresConnection(database, name: "playhead-edge-notes", logger: quiet)), ledger: ledger,
                readiness: readiness, logger: logger),
            follower,
        ]
    }

    /// Before anything is served.
    func learn() async {
        await follower.lookFirst()
    }
}
