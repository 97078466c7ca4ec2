import EventStream
import Models

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
}
