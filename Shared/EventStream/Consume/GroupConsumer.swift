import BlockingClient
import Logging
import Models

/// One consumer of a consumer group, over all partitions.
///
/// An entry that was read stays pending until ``acknowledge(_:)``: after a crash the same consumer gets it from
/// ``pending(after:count:)``, any other from ``claim(idleFor:count:from:)``.
public struct GroupConsumer: Sendable {
    public let group: String
    public let name: String
    public let topology: StreamTopology
    /// Reads that block; nothing else may wait behind them.
    private let reader: RedisConnection
    private let commands: RedisConnection

    public init(group: String, name: String, topology: StreamTopology, reader: RedisConnection, commands: RedisConnection) {
        self.group = group
        self.name = name
        self.topology = topology
        self.reader = reader
        self.commands = commands
    }

    /// Makes the group, from the beginning of each stream, and requires it: no entry is trimmed that it has not acknowledged.
    public func join() async throws(RedisError) {
        var creations = [RedisCommand("SADD", RedisArgument(StreamNames.requiredGroups), RedisArgument(group))]
        for stream in topology.events {
            creations.append(RedisCommand("XGROUP", "CREATE", RedisArgument(stream), RedisArgument(group), "0", "MKSTREAM"))
        }
        for reply in try await commands.send(creations) {
            guard let error = reply.error, error.kind != .server(code: "BUSYGROUP") else { continue }
            throw error
        }
    }

    /// Waits for new entries, up to `block`, then takes what else is there.
    /// - Parameter count: of each stream.
    public func read(count: Int, block: Duration) async throws(RedisError) -> [StreamEntry] {
        // Redis wakes a blocked client with the first entry that arrives, so what came with it takes a second look.
        let immediate = try await readGroup(count: count, block: nil)
        if !immediate.isEmpty { return immediate }
        let woken = try await readGroup(count: count, block: block)
        if woken.isEmpty { return [] }
        return woken + (try await readGroup(count: count, block: nil))
    }

    /// This consumer's own pending entries past `position` of each partition, oldest first: what it had not finished when it died.
    public func pending(after position: [StreamEntryID], count: Int) async throws(RedisError) -> [StreamEntry] {
        let reply = try await reader.send(readCommand(count: count, block: nil, from: position.map(\.description)))
        return try decode(reply)
    }

    /// Takes over entries of a partition that some consumer holds for longer than `idleFor`, its own included.
    /// - Returns: the entries, and where to go on; nil at the end.
    public func claim(
        partition: Int, idleFor: Duration, count: Int, from cursor: StreamEntryID
    ) async throws(RedisError) -> (entries: [StreamEntry], next: StreamEntryID?) {
        let reply = try await commands.send(
            RedisCommand(
                "XAUTOCLAIM", RedisArgument(StreamNames.events(partition)), RedisArgument(group), RedisArgument(name),
                RedisArgument(idleFor.milliseconds), RedisArgument(cursor.description), "COUNT", RedisArgument(count)))
        let parts = try reply.array()
        guard parts.count >= 2 else { throw RedisError(.unexpectedReply, "XAUTOCLAIM answers with a cursor and entries") }
        let next = try StreamEntryID(parts[0].text())
        var entries: [StreamEntry] = []
        // Redis 6.2 has nil in place of an entry that was deleted; 7 removes those from the pending list itself.
        for item in try parts[1].array() where !item.isNil { entries.append(try StreamEntry(partition: partition, reply: item)) }
        return (entries, next == StreamEntryID(milliseconds: 0, sequence: 0) ? nil : next)
    }

    /// Tells Redis that entries are done with. Call it after their effect is committed, never before.
    public func acknowledge(_ entries: [StreamEntry]) async throws(RedisError) {
        let byPartition = Dictionary(grouping: entries, by: \.partition)
        guard !byPartition.isEmpty else { return }
        let replies = try await commands.send(
            byPartition.map { partition, entries in
                RedisCommand(
                    ["XACK", RedisArgument(StreamNames.events(partition)), RedisArgument(group)]
                        + entries.map { RedisArgument($0.id.description) })
            })
        for reply in replies { if let error = reply.error { throw error } }
    }

    /// Shows this consumer among the live replicas, by Redis' clock, and forgets those that are gone for an hour.
    public func sendHeartbeat() async throws(RedisError) {
        let script = """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 3600000)
            return redis.call('ZADD', KEYS[1], now, ARGV[1])
            """
        _ = try await commands.send(
            RedisCommand("EVAL", RedisArgument(script), "1", RedisArgument(StreamNames.replicas(group: group)), RedisArgument(name)))
    }

    /// Leaves the live replicas. Pending entries stay with the name for the next start or for others to claim.
    public func leave() async throws(RedisError) {
        _ = try await commands.send(RedisCommand("ZREM", RedisArgument(StreamNames.replicas(group: group)), RedisArgument(name)))
    }

    private func readGroup(count: Int, block: Duration?) async throws(RedisError) -> [StreamEntry] {
        let command = readCommand(count: count, block: block, from: Array(repeating: ">", count: topology.partitions))
        return try decode(try await reader.send(command, blockingFor: block ?? .zero))
    }

    private func readCommand(count: Int, block: Duration?, from positions: [String]) -> RedisCommand {
        var arguments: [RedisArgument] = ["XREADGROUP", "GROUP", RedisArgument(group), RedisArgument(name), "COUNT", RedisArgument(count)]
        if let block { arguments += ["BLOCK", RedisArgument(block.milliseconds)] }
        arguments.append("STREAMS")
        arguments += topology.events.map { RedisArgument($0) }
        return RedisCommand(arguments + positions.map { RedisArgument($0) })
    }

    /// - Parameter reply: `[[stream, [entry, …]], …]`, or nil for nothing.
    private func decode(_ reply: RedisReply) throws(RedisError) -> [StreamEntry] {
        var entries: [StreamEntry] = []
        for item in try reply.array() {
            let parts = try item.array()
            guard parts.count == 2, let partition = topology.events.firstIndex(of: try parts[0].text()) else {
                throw RedisError(.unexpectedReply, "XREADGROUP answers with streams and their entries")
            }
            for entry in try parts[1].array() { entries.append(try StreamEntry(partition: partition, reply: entry)) }
        }
        return entries
    }
}
