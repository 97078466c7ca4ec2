import ArgumentParser
import HistoryStore

/// `playhead migrate`
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the database schema up to date.",
        discussion: "Safe to run again and from several places at once. Services of the version before keep working.")

    @Flag(help: "That of the shadow, which is made where it is not there: schema shadow, with the same tables.")
    var shadow = false

    func run() async throws {
        let context = try OperatorContext()
        // A step may rewrite large tables, and wait for another migrator.
        let patience = Duration.seconds(6 * 3600)
        if shadow {
            let history = try context.postgres(requestTimeout: patience)
            try await Migrator(connection: history).requireLatestVersion()
            let schema = ShadowSchema(connection: history)
            if try await !schema.exists() {
                try await schema.create()
                print("made schema shadow")
            }
        }
        let migrator = Migrator(connection: try context.postgres(requestTimeout: patience, schema: shadow ? .shadow : .history))
        for migration in try await migrator.migrate() { print("applied \(migration.version) \(migration.name)") }
        print("schema version \(try await migrator.currentVersion())")
    }
}
