/// Removes from the streams what every required group has acknowledged a while ago, and nothing else.
public struct StreamTrimmer: Sendable {
    private let topology: StreamTopology
    private let connection: RedisConnection
    private let retention: Duration
    private let memoryWatermark: Int

    /// - Parameters:
    ///   - retention: how long an entry is kept from its writing on although nobody needs it.
    ///   - memoryWatermark: percent of Redis' `maxmemory` from which on nothing is kept so: what is needed comes first.
    public init(topology: StreamTopology, connection: RedisConnection, retention: Duration = .zero, memoryWatermark: Int = 100) {
        self.topology = topology
        self.connection = connection
        self.retention = retention
        self.memoryWatermark = memoryWatermark
    }

    /// Trims every stream once.
    /// - Returns: how many entries were removed.
    /// - Throws: ``RedisError``; what was trimmed until then stays trimmed.
    public func trim() async throws(RedisError) -> Int64 {
        let required = Set(try await GroupRegistry(topology: topology, connection: connection).required())
        let retention = try await RedisMemory(over: connection).isAbove(memoryWatermark) ? .zero : retention
        let keptSince = try await connection.serverTimeMs() - Int64(retention / .milliseconds(1))
        var removed: Int64 = 0
        for stream in topology.streams {
            let positions = try await positions(in: stream, of: required)
            guard let lowestNeeded = TrimBoundary.lowestNeeded(required: required, positions: positions) else { continue }
            let boundary = TrimBoundary.boundary(lowestNeeded: lowestNeeded, keptSince: keptSince)
            removed += try await trim(stream, before: boundary, required: required, known: positions.keys.sorted())
        }
        return removed
    }

    /// The order matters: XINFO GROUPS first, then XPENDING. See ``TrimBoundary/GroupPosition``.
    private func positions(
        in stream: String, of groups: Set<String>
    ) async throws(RedisError) -> [String: TrimBoundary.GroupPosition] {
        let reply = try await connection.send([RedisCommand("XINFO", "GROUPS", RedisArgument(stream))])[0]
        // "ERR no such key": nothing was ever written there.
        if let error = reply.error, error.kind == .server(code: "ERR") { return [:] }
        var positions: [String: TrimBoundary.GroupPosition] = [:]
        for item in try reply.array() {
            let fields = try item.fields()
            guard let name = try fields["name"]?.text(), let last = try fields["last-delivered-id"]?.text() else {
                continue
            }
            positions[name] = TrimBoundary.GroupPosition(lastDelivered: try StreamEntryID(last))
        }
        for name in positions.keys where groups.contains(name) {
            let pending = try await connection.send(RedisCommand("XPENDING", RedisArgument(stream), RedisArgument(name))).array()
            guard pending.count == 4 else { throw RedisError(.unexpectedReply, "XPENDING answers with four elements") }
            if !pending[1].isNil { positions[name]?.lowestPending = try StreamEntryID(pending[1].text()) }
        }
        return positions
    }

    /// Meanwhile a group may have been made, or have gone back: so Redis looks once more, and trims in the same step.
    private func trim(
        _ stream: String, before boundary: StreamEntryID, required: Set<String>, known: [String]
    ) async throws(RedisError) -> Int64 {
        let last = boundary.previous
        let numbers = [boundary, last].flatMap { [RedisArgument($0.milliseconds), RedisArgument($0.sequence)] }
        let groups = known.flatMap { [RedisArgument($0), required.contains($0) ? "1" : "0"] as [RedisArgument] }
        return try await connection.send(
            RedisCommand(["EVAL", RedisArgument(Self.trimUnlessNeeded), "1", RedisArgument(stream)] + numbers + groups)
        ).integer()
    }

    /// ARGV: the boundary, the id before it, each as two numbers, and the groups that were there with whether they are required. Where one is
    /// gone, is new, has read less or has something lower pending: next time.
    private static let trimUnlessNeeded = """
        local function below(id, ms, seq)
            local a, b = string.match(id, '^(%d+)-(%d+)$')
            a, b = tonumber(a), tonumber(b)
            return a < tonumber(ms) or (a == tonumber(ms) and b < tonumber(seq))
        end
        local known, missing = {}, 0
        for i = 5, #ARGV, 2 do
            known[ARGV[i]] = ARGV[i + 1]
            if ARGV[i + 1] == '1' then missing = missing + 1 end
        end
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            local fields = {}
            for i = 1, #group, 2 do fields[group[i]] = group[i + 1] end
            local required = known[fields['name']]
            if not required then return 0 end
            if required == '1' then
                missing = missing - 1
                if below(fields['last-delivered-id'], ARGV[3], ARGV[4]) then return 0 end
                local lowest = redis.call('XPENDING', KEYS[1], fields['name'])[2]
                if lowest and below(lowest, ARGV[1], ARGV[2]) then return 0 end
            end
        end
        if missing > 0 then return 0 end
        return redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[1] .. '-' .. ARGV[2])
        """
}
