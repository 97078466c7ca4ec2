import ArgumentParser
import EventStream
import HistoryStore
import Models

/// `playhead shadow`
struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow", abstract: "Empties or removes the history that is made of copies. Members are never shown it.",
        subcommands: [Clear.self, Remove.self])

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear", abstract: "Empties it, to begin anew after a cause of differences was removed.",
            discussion: "What goes on at this moment is in it in part then, and is not compared; what begins later is.")

        func run() async throws {
            let schema = ShadowSchema(connection: try OperatorContext().postgres())
            guard try await schema.exists() else { throw CommandFailure("there is no schema shadow: playhead migrate --shadow makes it") }
            try await schema.clear()
            print("cleared")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Removes it from the database, once nobody is shadowed any more.",
            discussion: "Stop its processors first, and route nobody there: playhead route set --shadow 0.")

        func run() async throws {
            let context = try OperatorContext()
            guard try await RouteStore(connection: context.redis()).current()?.hasShadow != true else {
                throw CommandFailure("members are shadowed: first playhead route set --shadow 0, and unpin who is pinned there")
            }
            let schema = ShadowSchema(connection: try context.postgres())
            guard try await schema.exists() else { throw CommandFailure("there is no schema shadow") }
            try await schema.remove()
            print("removed")
        }
    }
}
