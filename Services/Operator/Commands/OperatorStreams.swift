import ArgumentParser
import EventStream
import Models
import ServiceKit

/// The streams as commands see them.
struct OperatorStreams {
    let connection: RedisConnection
    let topology: StreamTopology

    var registry: GroupRegistry { GroupRegistry(topology: topology, connection: connection) }

    init(_ context: OperatorContext) async throws {
        connection = try context.redis()
        topology = try await context.topology(over: connection)
    }

    init() async throws {
        try await self.init(OperatorContext())
    }

    /// Redis' clock, which entries have their times of, in milliseconds since 1970.
    func now() async throws -> Timestamp {
        try await SpoolLedger(connection: connection).now()
    }

    func backlogs() async throws -> [GroupBacklog] {
        let inspector = StreamInspector(topology: topology, connection: connection)
        var backlogs: [GroupBacklog] = []
        for group in try await registry.required() {
            backlogs.append(GroupBacklog(group: group, partitions: try await inspector.partitions(group: group)))
        }
        return backlogs
    }
}

/// A time in a stream, as people give it.
enum StreamTime: ExpressibleByArgument {
    case at(Timestamp)
    case ago(Duration)

    init?(argument: String) {
        if let duration = DurationText.parse(argument) {
            self = .ago(duration)
        } else if let time = RFC3339.parse(argument), time >= 0 {
            self = .at(time)
        } else {
            return nil
        }
    }

    /// - Throws: where the time is yet to come.
    func milliseconds(at now: Timestamp) throws -> Timestamp {
        switch self {
        case .ago(let duration): return max(now - Int64(duration / .milliseconds(1)), 0)
        case .at(let time):
            guard time <= now else { throw CommandFailure("--since is yet to come: by Redis' clock it is \(RFC3339.format(now))") }
            return time
        }
    }
}
