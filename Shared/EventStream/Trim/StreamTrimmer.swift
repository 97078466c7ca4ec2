/// Removes from the streams what every required group has acknowledged, and nothing else.
public struct StreamTrimmer: Sendable {
    private let topology: StreamTopology
    private let connection: RedisConnection

    public init(topology: StreamTopology, connection: RedisConnection) {
        self.topology = topology
        self.connection = connection
    }

    /// Trims every stream once.
    /// - Returns: how many entries were removed.
    /// - Throws: ``RedisError``; what was trimmed until then stays trimmed.
    public func trim() async throws(RedisError) -> Int64 {
        var required: Set<String> = [StreamNames.historyGroup]
        for group in try await connection.send(RedisCommand("SMEMBERS", RedisArgument(StreamNames.requiredGroups))).array() {
            required.insert(try group.text())
        }
        var removed: Int64 = 0
        for stream in topology.events {
            let positions = try await positions(in: stream, of: required)
            guard let boundary = TrimBoundary.lowestNeeded(required: required, positions: positions) else { continue }
            removed += try await connection.send(
                RedisCommand("XTRIM", RedisArgument(stream), "MINID", "=", RedisArgument(boundary.description))
            ).integer()
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
            guard let name = try fields["name"]?.text(), groups.contains(name), let last = try fields["last-delivered-id"]?.text() else {
                continue
            }
            positions[name] = TrimBoundary.GroupPosition(lastDelivered: try StreamEntryID(last))
        }
        for name in positions.keys {
            let pending = try await connection.send(RedisCommand("XPENDING", RedisArgument(stream), RedisArgument(name))).array()
            guard pending.count == 4 else { throw RedisError(.unexpectedReply, "XPENDING answers with four elements") }
            if !pending[1].isNil { positions[name]?.lowestPending = try StreamEntryID(pending[1].text()) }
        }
        return positions
    }
}
