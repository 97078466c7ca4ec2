import EventStream
import HistoryStore
import PublicAPI
import ServiceKit

/// `playhead-query`: REST over viewing history.
@main
struct QueryMain {
    static func main() async {
        await ServiceRunner.main {
            let runner = try ServiceRunner(
                name: "playhead-query", defaults: [.httpPort: "8081", .adminPort: "9081"], awaiting: ["schema"])
            let server = try await PublicServer(runner: runner)
            let databases = try Databases(runner: runner)
            var routes = APIRoutes()
            let guarding = DatabaseGuard()
            let reader = HistoryReader(short: databases.shortReads, long: databases.longReads)
            HistoryRoutes(reader: reader, guarding: guarding).add(to: &routes)
            MemberRoutes(
                hidden: HiddenHistory(pool: databases.writes), eraser: MemberEraser(pool: databases.writes, shadow: databases.shadowWrites),
                guarding: guarding
            ).add(to: &routes)
            ExportRoutes(pool: databases.exports, guarding: guarding).add(to: &routes)
            TitleRoutes(statistics: TitleStatistics(pool: databases.statistics), guarding: guarding).add(to: &routes)
            ConsoleRoutes().add(to: &routes)
            try PipelineRoutes(inspector: databases.inspector(runner: runner)).add(to: &routes)
            let live = try Live(runner: runner, authentication: server.authentication, reader: reader, guarding: guarding)
            live.routes.add(to: &routes)
            try await runner.run(
                [
                    live.hub,
                    PeriodicTask(
                        "schema", every: .seconds(1), readiness: runner.readiness, logger: runner.logger,
                        work: { try await databases.migrator.requireLatestVersion() }),
                ] + server.services(routes))
        }
    }
}
