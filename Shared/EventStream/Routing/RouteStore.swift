import Models

/// The routing table in Redis, which every edge follows, and the record of its changes.
public struct RouteStore: Sendable {
    /// Changes that are kept, about.
    public static let keptChanges = 1000
    /// Two operators who change it at once are each other's only rivals.
    private static let maximalAttempts = 100

    private let connection: RedisConnection

    /// - Parameter connection: to the Redis of the events.
    public init(connection: RedisConnection) {
        self.connection = connection
    }

    /// The table as it stands; nil where none was ever set.
    /// - Throws: ``RedisError``, of kind `unexpectedReply` where the key holds something else.
    public func current() async throws(RedisError) -> RoutingTable? {
        try await text().map { text throws(RedisError) in try Self.table(text) }
    }

    /// The same as it is written, which is enough to see whether it changed.
    /// - Throws: ``RedisError``
    public func text() async throws(RedisError) -> String? {
        let reply = try await connection.send(RedisCommand("GET", RedisArgument(StreamNames.route)))
        return reply.isNil ? nil : try reply.text()
    }

    /// Changes the table and records the change in the same step.
    /// - Parameters:
    ///   - by: who changes it.
    ///   - above: the version will be higher than this too: that of edges, which know a table that Redis has lost.
    ///   - update: may be asked again, where somebody else changed it meanwhile. The version rises by itself.
    /// - Returns: the change; nil where `update` changes nothing.
    /// - Throws: ``RedisError``, or what `update` throws.
    public func change(by: String, above: Int = 0, _ update: (inout RoutingTable) throws -> Void) async throws -> RouteHistory.Change? {
        for _ in 0..<Self.maximalAttempts {
            let before = try await text()
            let from = try before.map { text throws(RedisError) in try Self.table(text) } ?? .initial
            var to = from
            try update(&to)
            guard to != from else { return nil }
            to.version = max(from.version, above) + 1
            let reply = try await connection.send(
                RedisCommand(
                    "EVAL", RedisArgument(Self.replace), "2", RedisArgument(StreamNames.route), RedisArgument(StreamNames.routeLog),
                    RedisArgument(before ?? ""), RedisArgument(to.json), RedisArgument(from.json), RedisArgument(by),
                    RedisArgument(Self.keptChanges)))
            guard !reply.isNil else { continue }
            return RouteHistory.Change(
                at: Int64(clamping: try StreamEntryID(reply.text()).milliseconds), from: from, to: to, by: by)
        }
        throw RedisError(.unexpectedReply, "the routing table was changed by others \(Self.maximalAttempts) times meanwhile")
    }

    /// The last changes, the newest first, with their times by Redis' clock.
    /// - Throws: ``RedisError``
    public func changes(limit: Int = keptChanges) async throws(RedisError) -> [RouteHistory.Change] {
        let reply = try await connection.send(
            RedisCommand("XREVRANGE", RedisArgument(StreamNames.routeLog), "+", "-", "COUNT", RedisArgument(limit)))
        var changes: [RouteHistory.Change] = []
        for item in try reply.array() {
            let parts = try item.array()
            guard parts.count == 2 else { throw RedisError(.unexpectedReply, "a stream entry has an id and fields") }
            let fields = try parts[1].fields()
            guard let from = fields["from"], let to = fields["to"], let by = fields["by"] else {
                throw RedisError(.unexpectedReply, "an entry of \(StreamNames.routeLog) lacks a field")
            }
            changes.append(
                RouteHistory.Change(
                    at: Int64(clamping: try StreamEntryID(parts[0].text()).milliseconds), from: try Self.table(from.text()),
                    to: try Self.table(to.text()), by: try by.text()))
        }
        return changes
    }

    private static func table(_ text: String) throws(RedisError) -> RoutingTable {
        do {
            return try RoutingTable(json: text)
        } catch {
            throw RedisError(.unexpectedReply, "key \(StreamNames.route): \(error)")
        }
    }

    /// Both keys, or none. ARGV: the table that was read ('' for none), the new one, the former one, by whom, how many changes are kept.
    private static let replace = """
        if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return false end
        redis.call('SET', KEYS[1], ARGV[2])
        return redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', 'from', ARGV[3], 'to', ARGV[2], 'by', ARGV[4])
        """
}
