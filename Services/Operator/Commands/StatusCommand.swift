import ArgumentParser
import EventStream
import Foundation
import HistoryStore
import ServiceKit

/// `playhead status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the streams, the replicas and the database.",
        discussion: """
            The oldest unapplied age says how far readers are behind; it is - when everything accepted can be read. \
            Exits 1 when the database cannot be used.
            """)

    @Option(help: ArgumentHelp("Wait up to so many seconds until everything is applied; exit 1 when it is not.", valueName: "seconds"))
    var awaitSettled: Int?

    func run() async throws {
        let context = try OperatorContext()
        let streams = try await OperatorStreams(context)
        let redis = streams.connection
        let inspector = StreamInspector(topology: streams.topology, connection: redis)
        let spools = SpoolLedger(connection: redis)
        let progress = ProgressLine()
        let unsettled: String? =
            if let awaitSettled {
                try await SettledWait(inspector: inspector, spools: spools, timeout: .seconds(awaitSettled)).run { progress.update($0) }
            } else { nil }
        progress.clear()
        let isFilling = try await RedisMemory(over: redis).isAbove(
            RedisMemory.trimmingWatermark(spoolingFrom: context.configuration.integer(.redisMemoryWatermark)))
        let report = StatusReport(
            partitions: try await inspector.partitions(group: StreamNames.historyGroup),
            replicas: try await ReplicaRegistry(group: StreamNames.historyGroup, connection: redis).live(),
            waiting: try await ReplicaRegistry(group: StreamNames.historyGroup, role: .waiting, connection: redis).live(),
            spools: try await spools.folders(), pinning: isFilling ? GroupBacklog.pinning(try await streams.registry.backlogs()) : nil)
        for line in report.lines { print(line) }
        let (database, isUsable) = try await database(context)
        print(database)
        if let unsettled {
            print("not settled: \(unsettled)")
            throw ExitCode.failure
        }
        if !isUsable { throw ExitCode.failure }
    }

    private func database(_ context: OperatorContext) async throws -> (line: String, isUsable: Bool) {
        do {
            let connection = try context.postgres()
            let version = try await Migrator(connection: connection).currentVersion()
            guard version >= Migration.latestVersion else {
                return ("database: schema version \(version), needed is \(Migration.latestVersion): run playhead migrate", false)
            }
            return ("database: schema version \(version), \(try await DeadLetterStore(connection: connection).count()) dead letters", true)
        } catch let error as PostgresError {
            return ("database: \(error)", false)
        }
    }
}
