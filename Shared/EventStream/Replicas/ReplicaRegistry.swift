/// The live consumers of a group, as Redis knows them: each shows itself again and again, who stops is soon forgotten.
///
/// Nobody owns anything by it. Two that take each other for dead read the same partitions: slower, never wrong.
public struct ReplicaRegistry: Sendable {
    /// How often a replica shows itself.
    public static let heartbeatInterval: Duration = .seconds(1)
    /// A heartbeat older than this is a replica that is gone.
    static let lifetimeMs: Int64 = 5000

    /// What the replicas do.
    public enum Role: Sendable, CaseIterable {
        /// They take entries.
        case taking
        /// They live, but cannot work.
        case waiting
    }

    private let key: String
    let connection: RedisConnection

    public init(group: String, role: Role = .taking, connection: RedisConnection) {
        key = StreamNames.replicas(group: group) + (role == .waiting ? ":waiting" : "")
        self.connection = connection
    }

    /// Shows a replica among the live ones, by Redis' clock, and forgets those that are gone for an hour.
    /// - Returns: the live ones, by name.
    /// - Throws: ``RedisError``
    public func heartbeat(of name: String) async throws(RedisError) -> [String] {
        try await names(
            """
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 3600000)
            redis.call('ZADD', KEYS[1], now, ARGV[2])
            """, RedisArgument(name))
    }

    /// The replicas whose heartbeat is fresh, by name.
    /// - Throws: ``RedisError``
    public func live() async throws(RedisError) -> [String] {
        try await names("")
    }

    /// Leaves the live replicas, so that the others need not wait for the heartbeat to grow old.
    /// - Throws: ``RedisError``
    public func leave(_ name: String) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("ZREM", RedisArgument(key), RedisArgument(name)))
    }

    /// One script, as the clock and the set must be read at once.
    private func names(_ change: String, _ arguments: RedisArgument...) async throws(RedisError) -> [String] {
        let script = """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            \(change)
            return redis.call('ZRANGEBYSCORE', KEYS[1], now - tonumber(ARGV[1]), '+inf')
            """
        let reply = try await connection.send(
            RedisCommand(["EVAL", RedisArgument(script), "1", RedisArgument(key), RedisArgument(Self.lifetimeMs)] + arguments))
        var names: [String] = []
        for name in try reply.array() { names.append(try name.text()) }
        return names.sorted()
    }
}
