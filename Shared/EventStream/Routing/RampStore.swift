/// Where a ramp keeps how far it has come, so that it can be gone on with from anywhere; and who is at it, as two would undo each other's steps.
public struct RampStore: Sendable {
    /// Whoever is at it shows itself at least this often, or is gone.
    public static let holdFor: Duration = .seconds(30)

    private let connection: RedisConnection
    private let holder: String

    /// - Parameter holder: a name that nobody else has.
    public init(connection: RedisConnection, holder: String) {
        self.connection = connection
        self.holder = holder
    }

    /// - Returns: what was kept; nil for nothing.
    /// - Throws: ``RedisError``
    public func read() async throws(RedisError) -> String? {
        let reply = try await connection.send(RedisCommand("GET", RedisArgument(StreamNames.ramp)))
        return reply.isNil ? nil : try reply.text()
    }

    /// - Throws: ``RedisError``
    public func write(_ text: String) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("SET", RedisArgument(StreamNames.ramp), RedisArgument(text)))
    }

    /// Takes the ramp, or keeps it.
    /// - Returns: false where somebody else has it.
    /// - Throws: ``RedisError``
    public func hold() async throws(RedisError) -> Bool {
        try await connection.send(
            RedisCommand(
                "EVAL", RedisArgument(Self.hold), "1", RedisArgument(StreamNames.rampHolder), RedisArgument(holder),
                RedisArgument(Int64(Self.holdFor / .milliseconds(1))))
        ).integer() == 1
    }

    /// - Throws: ``RedisError``
    public func letGo() async throws(RedisError) {
        _ = try await connection.send(
            RedisCommand("EVAL", RedisArgument(Self.letGo), "1", RedisArgument(StreamNames.rampHolder), RedisArgument(holder)))
    }

    private static let hold = """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """
    private static let letGo = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
}
