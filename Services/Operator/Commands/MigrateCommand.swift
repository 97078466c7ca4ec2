import ArgumentParser
import HistoryStore

/// `playhead migrate`
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the database schema up to date.",
        discussion: "Safe to run again and from several places at once. Services of the version before keep working.")

    func run() async throws {
        // A step may rewrite large tables, and wait for another migrator.
        let migrator = Migrator(connection: try OperatorContext().postgres(requestTimeout: .seconds(6 * 3600)))
        for migration in try await migrator.migrate() { print("applied \(migration.version) \(migration.name)") }
        print("schema version \(try await migrator.currentVersion())")
    }
}
