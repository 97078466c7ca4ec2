import ArgumentParser
import EventStream
import Foundation
import Models

/// `playhead replay`
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Lets a group apply retained entries once more, while it works.",
        discussion: """
            For when a database lost its latest commits, as after a failover to a standby that was behind, or a restore. Applying an event again \
            changes nothing where it counts already. How far back the streams reach is PLAYHEAD_STREAM_RETENTION.
            """)

    @Option(help: "From when on: an RFC 3339 time, or a duration ago as 10m.")
    var since: StreamTime

    @Option(help: "The group.")
    var group = StreamNames.historyGroup

    func run() async throws {
        let streams = try await OperatorStreams()
        let start = try since.milliseconds(at: await streams.now())
        guard try await streams.registry.required().contains(group) else {
            throw CommandFailure("there is no group \(group): playhead groups shows them")
        }
        let (count, oldest) = try await streams.registry.rewind(group, to: start)
        guard let oldest else { throw CommandFailure("the streams hold no entry any more: nothing can be applied again") }
        print(
            "group \(group) goes back to \(RFC3339.format(start)) in \(count) of \(streams.topology.partitions) streams; it had read nothing later in the others"
        )
        if oldest > start { print("the oldest entry that is still there is from \(RFC3339.format(oldest))") }
        if group == StreamNames.historyGroup { print("playhead status --await-settled 60 waits until all is applied") }
    }
}
