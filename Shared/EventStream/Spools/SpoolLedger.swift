/// What edges hold in their spools, as they publish it: accepted, and not in the streams yet.
///
/// An edge spools when it cannot reach Redis, and so cannot tell. Whoever wants to know whether anything is spooled therefore goes by
/// publications that are newer than the question, of every edge that has a spool.
public struct SpoolLedger: Sendable {
    /// One edge's folder as it was published last.
    public struct Folder: Sendable, Hashable {
        public var name: String
        /// Accepted events in it.
        public var events: Int
        /// When that was so, by Redis' clock, in milliseconds since 1970.
        public var publishedAtMs: Int64

        public init(name: String, events: Int, publishedAtMs: Int64) {
            self.name = name
            self.events = events
            self.publishedAtMs = publishedAtMs
        }
    }

    private let connection: RedisConnection

    public init(connection: RedisConnection) {
        self.connection = connection
    }

    /// Redis' clock, in milliseconds since 1970.
    /// - Throws: ``RedisError``
    public func now() async throws(RedisError) -> Int64 {
        try await connection.serverTimeMs()
    }

    /// - Parameters:
    ///   - contents: the events of each folder that is held, also of empty ones. Asked for after Redis' clock was read.
    ///   - gone: folders that are removed.
    /// - Throws: ``RedisError``
    public func publish(_ contents: @Sendable () -> [String: Int], removing gone: Set<String>) async throws(RedisError) {
        let now = try await now()
        let contents = contents()
        let events = RedisArgument(StreamNames.spools)
        let times = RedisArgument(StreamNames.spoolTimes)
        let held = contents.filter { $0.value > 0 }
        let empty = Set(contents.keys).union(gone).subtracting(held.keys)
        let left = gone.subtracting(contents.keys)
        var commands: [RedisCommand] = []
        if !empty.isEmpty { commands.append(RedisCommand(["HDEL", events] + empty.map { RedisArgument($0) })) }
        if !left.isEmpty { commands.append(RedisCommand(["ZREM", times] + left.map { RedisArgument($0) })) }
        if !held.isEmpty {
            commands.append(RedisCommand(["HSET", events] + held.flatMap { [RedisArgument($0.key), RedisArgument($0.value)] }))
        }
        if !contents.isEmpty {
            commands.append(RedisCommand(["ZADD", times] + contents.keys.flatMap { [RedisArgument(now), RedisArgument($0)] }))
        }
        for reply in try await connection.send(commands) { if let error = reply.error { throw error } }
    }

    /// Every folder that an edge has published and not removed, by name.
    /// - Throws: ``RedisError``
    public func folders() async throws(RedisError) -> [Folder] {
        let replies = try await connection.send([
            RedisCommand("HGETALL", RedisArgument(StreamNames.spools)),
            RedisCommand("ZRANGE", RedisArgument(StreamNames.spoolTimes), "0", "-1", "WITHSCORES"),
        ])
        let events = try replies[0].fields()
        let times = try replies[1].fields()
        var folders: [Folder] = []
        for name in Set(events.keys).union(times.keys).sorted() {
            folders.append(
                Folder(
                    name: name, events: Int(try events[name]?.text() ?? "0") ?? 0,
                    publishedAtMs: Int64(try times[name]?.text() ?? "0") ?? 0))
        }
        return folders
    }
}
