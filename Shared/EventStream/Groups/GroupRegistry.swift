/// The consumer groups that must be served: no entry is trimmed that one of them still needs.
public struct GroupRegistry: Sendable {
    private let topology: StreamTopology
    private let connection: RedisConnection

    public init(topology: StreamTopology, connection: RedisConnection) {
        self.topology = topology
        self.connection = connection
    }

    /// Their names in order, ``StreamKind/group`` always among them.
    /// - Throws: ``RedisError``
    public func required() async throws(RedisError) -> [String] {
        var names: Set<String> = [topology.kind.group]
        for name in try await connection.send(RedisCommand("SMEMBERS", RedisArgument(topology.kind.requiredGroups))).array() {
            names.insert(try name.text())
        }
        return names.sorted()
    }

    /// How far each of them is behind.
    /// - Throws: ``RedisError``
    public func backlogs() async throws(RedisError) -> [GroupBacklog] {
        let inspector = StreamInspector(topology: topology, connection: connection)
        var backlogs: [GroupBacklog] = []
        for group in try await required() {
            backlogs.append(GroupBacklog(group: group, partitions: try await inspector.partitions(group: group)))
        }
        return backlogs
    }

    /// Makes a group in every stream and requires it. Where it is there already, it stays where it is.
    /// - Parameter start: the time, in milliseconds since 1970 by Redis' clock, from which on it gets entries, as far as they are kept; nil:
    ///   from now on.
    /// - Throws: ``RedisError``; making it again goes on where this stopped.
    public func create(_ group: String, from start: Int64?) async throws(RedisError) {
        let place = start.map { StreamEntryID(milliseconds: UInt64(max($0, 0)), sequence: 0).previous.description } ?? "$"
        // Required first: a stream that lacks it is not trimmed.
        var commands = [RedisCommand("SADD", RedisArgument(topology.kind.requiredGroups), RedisArgument(group))]
        for stream in topology.streams {
            commands.append(
                RedisCommand("XGROUP", "CREATE", RedisArgument(stream), RedisArgument(group), RedisArgument(place), "MKSTREAM"))
        }
        for reply in try await connection.send(commands) {
            if let error = reply.error, error.kind != .server(code: "BUSYGROUP") { throw error }
        }
    }

    /// Removes a group with all that it has pending, and requires it no longer.
    /// - Returns: whether there was such a group.
    /// - Throws: ``RedisError``; of kind `configuration` for the group that writes history. Retiring again goes on where this stopped.
    @discardableResult
    public func retire(_ group: String) async throws(RedisError) -> Bool {
        guard group != topology.kind.group else {
            throw RedisError(.configuration, "group \(group) writes the history: it cannot be retired")
        }
        var found = false
        for stream in topology.streams {
            let reply = try await connection.send([RedisCommand("XGROUP", "DESTROY", RedisArgument(stream), RedisArgument(group))])[0]
            if let error = reply.error {
                // "ERR … requires the key to exist"
                guard error.kind == .server(code: "ERR") else { throw error }
            } else if try reply.integer() > 0 {
                found = true
            }
        }
        // Last: until then a stream that lacks it is not trimmed, and retiring can be repeated.
        let reply = try await connection.send(RedisCommand("SREM", RedisArgument(topology.kind.requiredGroups), RedisArgument(group)))
        return try reply.integer() > 0 || found
    }

    /// Lets a group have retained entries once more, without stopping anybody.
    /// - Parameter start: in milliseconds since 1970, by Redis' clock.
    /// - Returns: how many streams went back, and the time of the oldest entry that is still there.
    /// - Throws: ``RedisError``; some streams may have gone back then, and going back again is harmless.
    public func rewind(_ group: String, to start: Int64) async throws(RedisError) -> (streams: Int, oldestEntryMs: Int64?) {
        let start = max(start, 1)
        let place = StreamEntryID(milliseconds: UInt64(start), sequence: 0).previous
        var streams = 0
        var oldest: Int64?
        for stream in topology.streams {
            let replies = try await connection.send([
                RedisCommand(
                    "EVAL", RedisArgument(Self.goBack), "1", RedisArgument(stream), RedisArgument(group), RedisArgument(place.description),
                    RedisArgument(start)),
                RedisCommand("XRANGE", RedisArgument(stream), "-", "+", "COUNT", "1"),
            ])
            for reply in replies { if let error = reply.error { throw error } }
            if try replies[0].integer() == 1 { streams += 1 }
            if let first = try replies[1].array().first {
                let time = Int64(clamping: try StreamEntryID(first.array()[0].text()).milliseconds)
                oldest = min(oldest ?? time, time)
            }
        }
        return (streams, oldest)
    }

    /// Never forwards, however far the group has come meanwhile. A stream or group that is not there has nothing to go back in.
    private static let goBack = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            local fields = {}
            for i = 1, #group, 2 do fields[group[i]] = group[i + 1] end
            if fields['name'] == ARGV[1] then
                if tonumber(string.match(fields['last-delivered-id'], '^%d+')) < tonumber(ARGV[3]) then return 0 end
                redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[2])
                return 1
            end
        end
        return 0
        """
}
