/// Removes consumers of processes that are gone: Redis keeps their names for ever, and every look at a group lists them.
public struct DeadConsumers: Sendable {
    private let topology: StreamTopology
    private let connection: RedisConnection
    private let idleFor: Duration

    /// - Parameter idleFor: how long a consumer must not have asked for anything.
    public init(topology: StreamTopology, connection: RedisConnection, idleFor: Duration) {
        self.topology = topology
        self.connection = connection
        self.idleFor = idleFor
    }

    /// - Parameter group: a consumer of it that has entries pending stays, as whoever takes them over must find them.
    /// - Returns: how many were removed from streams.
    /// - Throws: ``RedisError``
    public func remove(from group: String) async throws(RedisError) -> Int64 {
        var removed: Int64 = 0
        for stream in topology.streams {
            let reply = try await connection.send([RedisCommand("XINFO", "CONSUMERS", RedisArgument(stream), RedisArgument(group))])[0]
            if let error = reply.error {
                // No such key, or no such group.
                if [.server(code: "ERR"), .server(code: "NOGROUP")].contains(error.kind) { continue }
                throw error
            }
            for item in try reply.array() {
                let fields = try item.fields()
                guard let name = try fields["name"]?.text(), try fields["pending"]?.integer() == 0,
                    let idle = try fields["idle"]?.integer(), idle >= Int64(idleFor / .milliseconds(1))
                else { continue }
                removed += try await connection.send(
                    RedisCommand(
                        "EVAL", RedisArgument(Self.removeUnlessPending), "1", RedisArgument(stream), RedisArgument(group),
                        RedisArgument(name))
                ).integer()
            }
        }
        return removed
    }

    /// It may have been given an entry since it was looked at: XGROUP DELCONSUMER would lose that for ever.
    private static let removeUnlessPending = """
        if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
        return 1
        """
}
