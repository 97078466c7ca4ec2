import ArgumentParser

/// The operator's command line.
@main
struct PlayheadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playhead",
        abstract: "Operates a Playhead viewing-history pipeline.",
        discussion: "Servers are named by the environment, as for the services: PLAYHEAD_REDIS_URL and PLAYHEAD_POSTGRES_URL.",
        subcommands: [
            MigrateCommand.self, HealthCommand.self, StatusCommand.self, ImportCommand.self, ExportCommand.self, EraseCommand.self,
            ReadmitCommand.self, TokenCommand.self, DeadLettersCommand.self, CompactCommand.self, GroupsCommand.self, ReplayCommand.self,
            RouteCommand.self, RampCommand.self, ShadowCommand.self,
            SimulateCommand.self, VerifyCommand.self,
        ])
}
