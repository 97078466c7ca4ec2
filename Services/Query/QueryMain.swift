import HistoryStore
import ServiceKit

/// `playhead-query`: REST over viewing history.
@main
struct QueryMain {
    static func main() async {
        await ServiceRunner.main {
            let runner = try ServiceRunner(
                name: "playhead-query", defaults: [.httpPort: "8081", .adminPort: "9081"], awaiting: ["schema"])
            // Reads are answered within a device's patience; a standby may serve them.
            let postgres = PostgresConfiguration(
                url: try runner.configuration.text(.postgresURL), requestTimeout: .seconds(2), needsWrites: false)
            let pool = PostgresPool(
                postgres, size: try runner.configuration.integer(.databaseConnections), name: "playhead-query", logger: runner.logger)
            let migrator = Migrator(connection: PostgresConnection(postgres, name: "playhead-query-monitor", logger: runner.logger))
            let router = PublicServer.router()
            HistoryRoutes(reader: HistoryReader(pool: pool)).add(to: router)
            try await runner.run([
                PeriodicTask(
                    "schema", every: .seconds(1), readiness: runner.readiness, logger: runner.logger,
                    work: { try await migrator.requireLatestVersion() }),
                try PublicServer.application(router: router, configuration: runner.configuration, logger: runner.logger),
            ])
        }
    }
}
