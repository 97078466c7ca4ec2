import BlockingClient
import Logging
import Models

/// One consumer of a consumer group.
///
/// An entry that was read stays pending until ``acknowledge(_:)``: after a crash the same consumer gets it from
/// ``pending(after:count:)``, any other from ``claim(partition:idleFor:count:from:)``. Several of one name may work side by side on
/// different partitions, each with a connection of its own: a blocking read holds up what else goes over it.
public struct GroupConsumer: Sendable {
    public let group: String
    public let name: String
    public let topology: StreamTopology
    private let connection: RedisConnection

    public init(group: String, name: String, topology: StreamTopology, connection: RedisConnection) {
        self.group = group
        self.name = name
        self.topology = topology
        self.connection = connection
    }

    /// Agrees on the partitions, makes the group from the beginning of each stream, and requires it: no entry is trimmed that it has
    /// not acknowledged.
    /// - Throws: ``RedisError``; of kind `configuration` where the streams were made with another number of partitions.
    public func join() async throws(RedisError) {
        try await topology.agree(over: connection)
        var creations = [RedisCommand("SADD", RedisArgument(topology.kind.requiredGroups), RedisArgument(group))]
        for stream in topology.streams {
            creations.append(RedisCommand("XGROUP", "CREATE", RedisArgument(stream), RedisArgument(group), "0", "MKSTREAM"))
        }
        for reply in try await connection.send(creations) {
            guard let error = reply.error, error.kind != .server(code: "BUSYGROUP") else { continue }
            // A Redis that is full refuses even to make what is there, and it stays full if nobody reads.
            if try await hasJoined() { return }
            throw error
        }
    }

    /// Whether the group is required, and there in every stream.
    private func hasJoined() async throws(RedisError) -> Bool {
        let replies = try await connection.send(
            [RedisCommand("SISMEMBER", RedisArgument(topology.kind.requiredGroups), RedisArgument(group))]
                + topology.streams.map { RedisCommand("XINFO", "GROUPS", RedisArgument($0)) })
        guard try replies[0].integer() == 1 else { return false }
        for reply in replies.dropFirst() {
            // A stream that is not there is an error.
            guard reply.error == nil else { return false }
            var names: [String] = []
            for item in try reply.array() { if let name = try item.fields()["name"] { names.append(try name.text()) } }
            guard names.contains(group) else { return false }
        }
        return true
    }

    /// New entries of some partitions.
    /// - Parameters:
    ///   - partitions: at least one.
    ///   - count: of each partition at most.
    ///   - block: how long to wait where there is none; nil not to. Redis wakes a waiting client with the first entry that arrives.
    ///   - done: acknowledged before, in the same write: one turn of Redis, and one sync of its append-only file, for both.
    public func read(
        partitions: [Int], count: Int, block: Duration?, acknowledging done: [StreamEntry] = []
    ) async throws(RedisError) -> [StreamEntry] {
        try await readGroup(partitions.map { ($0, ">") }, count: count, block: block, after: acknowledgements(of: done))
    }

    /// This consumer's own pending entries past a position of each partition, oldest first: what it had not finished when it died.
    public func pending(after positions: [Int: StreamEntryID], count: Int) async throws(RedisError) -> [StreamEntry] {
        try await readGroup(positions.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }, count: count, block: nil)
    }

    /// Takes over entries of a partition that some consumer holds for longer than `idleFor`, its own included.
    /// - Returns: the entries, and where to go on; nil at the end.
    public func claim(
        partition: Int, idleFor: Duration, count: Int, from cursor: StreamEntryID
    ) async throws(RedisError) -> (entries: [StreamEntry], next: StreamEntryID?) {
        let reply = try await connection.send(
            RedisCommand(
                "XAUTOCLAIM", RedisArgument(topology.kind.stream(partition)), RedisArgument(group), RedisArgument(name),
                RedisArgument(idleFor.milliseconds), RedisArgument(cursor.description), "COUNT", RedisArgument(count)))
        let parts = try reply.array()
        guard parts.count >= 2 else { throw RedisError(.unexpectedReply, "XAUTOCLAIM answers with a cursor and entries") }
        let next = try StreamEntryID(parts[0].text())
        var entries: [StreamEntry] = []
        // Redis 6.2 has nil in place of an entry that was deleted; 7 removes those from the pending list itself.
        for item in try parts[1].array() where !item.isNil {
            entries.append(try StreamEntry(partition: partition, of: topology.kind, reply: item))
        }
        return (entries, next == .zero ? nil : next)
    }

    /// How often pending entries were delivered, to whomever, in the order of `entries`; 0 for one that is not pending any more.
    public func deliveries(of entries: [StreamEntry]) async throws(RedisError) -> [Int] {
        guard !entries.isEmpty else { return [] }
        let replies = try await connection.send(
            entries.map { entry in
                let id = RedisArgument(entry.id.description)
                return RedisCommand("XPENDING", RedisArgument(topology.kind.stream(entry.partition)), RedisArgument(group), id, id, "1")
            })
        var counts: [Int] = []
        for reply in replies {
            // [[id, consumer, idle time, deliveries]]
            counts.append(Int(try reply.array().first?.array().last?.integer() ?? 0))
        }
        return counts
    }

    /// Tells Redis that entries are done with. Call it after their effect is committed, never before.
    public func acknowledge(_ entries: [StreamEntry]) async throws(RedisError) {
        guard !entries.isEmpty else { return }
        for reply in try await connection.send(acknowledgements(of: entries)) { if let error = reply.error { throw error } }
    }

    private func acknowledgements(of entries: [StreamEntry]) -> [RedisCommand] {
        Dictionary(grouping: entries, by: \.partition).map { partition, entries in
            RedisCommand(
                ["XACK", RedisArgument(topology.kind.stream(partition)), RedisArgument(group)]
                    + entries.map { RedisArgument($0.id.description) })
        }
    }

    /// - Returns: the entries by partition in the order of `positions`, oldest first in each.
    private func readGroup(
        _ positions: [(partition: Int, after: String)], count: Int, block: Duration?, after acknowledgements: [RedisCommand] = []
    ) async throws(RedisError) -> [StreamEntry] {
        var arguments: [RedisArgument] = ["XREADGROUP", "GROUP", RedisArgument(group), RedisArgument(name), "COUNT", RedisArgument(count)]
        if let block { arguments += ["BLOCK", RedisArgument(block.milliseconds)] }
        arguments.append("STREAMS")
        arguments += positions.map { RedisArgument(topology.kind.stream($0.partition)) }
        arguments += positions.map { RedisArgument($0.after) }
        let replies = try await connection.send(acknowledgements + [RedisCommand(arguments)], blockingFor: block ?? .zero)
        for reply in replies { if let error = reply.error { throw error } }
        // [[stream, [entry, …]], …], or nil for nothing.
        var entries: [StreamEntry] = []
        for item in try replies[replies.count - 1].array() {
            let parts = try item.array()
            guard parts.count == 2, let partition = try partition(named: parts[0].text(), among: positions) else {
                throw RedisError(.unexpectedReply, "XREADGROUP answers with streams and their entries")
            }
            for entry in try parts[1].array() { entries.append(try StreamEntry(partition: partition, of: topology.kind, reply: entry)) }
        }
        return entries
    }

    private func partition(named stream: String, among positions: [(partition: Int, after: String)]) -> Int? {
        positions.first { topology.kind.stream($0.partition) == stream }?.partition
    }
}
