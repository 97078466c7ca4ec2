/// What a connection must find at the server before anything else is sent over it: a server may have come back as another one.
public struct ConnectionCheck: Sendable {
    let commands: [RedisCommand]
    /// Gets a reply for each command.
    let verify: @Sendable ([RedisReply]) throws(RedisError) -> Void

    init(_ commands: [RedisCommand], verify: @escaping @Sendable ([RedisReply]) throws(RedisError) -> Void) {
        self.commands = commands
        self.verify = verify
    }

    /// Asks now.
    /// - Throws: ``RedisError``
    public func run(over connection: RedisConnection) async throws(RedisError) {
        try verify(await connection.send(commands))
    }
}
