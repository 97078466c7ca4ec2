import ArgumentParser
import EventStream
import Foundation

/// `playhead groups`
struct GroupsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "Shows and changes the consumer groups that must be served before an entry is trimmed.",
        subcommands: [List.self, Create.self, Retire.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Shows how far each group is behind.",
            discussion: "The oldest needed age says since when entries are kept for the group; it is - where it needs none.")

        func run() async throws {
            let streams = try await OperatorStreams()
            for line in GroupReport(backlogs: try await streams.registry.backlogs()).lines { print(line) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Makes a group in every stream; from then on nothing is trimmed that it has not acknowledged.",
            discussion: "It gets what comes from now on, or also what was kept since a time (PLAYHEAD_STREAM_RETENTION).")

        @Argument(help: "Its name.")
        var group: String

        @Option(help: "From when on: an RFC 3339 time, or a duration ago as 10m.")
        var since: StreamTime?

        func validate() throws { try GroupsCommand.validate(group) }

        func run() async throws {
            // It must begin at the beginning of each stream.
            guard group != StreamNames.historyGroup else {
                throw CommandFailure("group \(group) is made by the processors that write the history")
            }
            let streams = try await OperatorStreams()
            let now = try await streams.now()
            try await streams.registry.create(group, from: since.map { try $0.milliseconds(at: now) })
            print("group \(group) is there in \(streams.topology.partitions) streams, and required")
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retire", abstract: "Removes a group from every stream: nothing is kept for it any more.",
            discussion: "What it had not acknowledged is lost to it. Stop its consumers first.")

        @Argument(help: "Its name.")
        var group: String

        func validate() throws { try GroupsCommand.validate(group) }

        func run() async throws {
            guard group != StreamNames.historyGroup else { throw CommandFailure("group \(group) writes the history: it cannot be retired") }
            let streams = try await OperatorStreams()
            let live = try await ReplicaRegistry(group: group, connection: streams.connection).live()
            guard live.isEmpty else {
                throw CommandFailure("group \(group) is being served by \(live.joined(separator: ", ")): stop them first")
            }
            guard try await streams.registry.retire(group) else {
                throw CommandFailure("there is no group \(group): playhead groups shows them")
            }
            print("group \(group) is retired")
        }
    }

    private static func validate(_ group: String) throws {
        guard !group.isEmpty, group.utf8.count <= 256, group.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw ValidationError("a group's name has 1 to 256 printable ASCII characters, and no space")
        }
    }
}
