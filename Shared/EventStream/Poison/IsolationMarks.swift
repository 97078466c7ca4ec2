/// Marks that stand in Redis while an entry is processed alone, so that one whose reader dies of it is known by the marks left behind.
public struct IsolationMarks: Sendable {
    private let group: String
    /// This process, told apart from an earlier one of the same consumer name.
    private let incarnation: String
    private let connection: RedisConnection

    /// - Parameter connection: may be shared.
    public init(group: String, consumer: String, connection: RedisConnection) {
        self.group = group
        incarnation = "\(consumer) \(UInt64.random(in: 0...UInt64.max))"
        self.connection = connection
    }

    /// Sets this process' mark on an entry.
    /// - Returns: how many marks other processes left there.
    /// - Throws: ``RedisError``; the mark may then be set all the same.
    public func place(on entry: StreamEntry) async throws(RedisError) -> Int {
        let key = key(of: entry)
        // A week: longer than anybody looks for it, so that marks of entries that are gone do not pile up.
        let replies = try await connection.send([
            RedisCommand("SADD", key, RedisArgument(incarnation)), RedisCommand("EXPIRE", key, 604_800), RedisCommand("SCARD", key),
        ])
        for reply in replies { if let error = reply.error { throw error } }
        return Int(try replies[2].integer()) - 1
    }

    /// Takes this process' mark away: it survived.
    /// - Throws: ``RedisError``
    public func remove(from entry: StreamEntry) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("SREM", key(of: entry), RedisArgument(incarnation)))
    }

    /// Forgets all marks of an entry that is done with.
    /// - Throws: ``RedisError``
    public func clear(_ entry: StreamEntry) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("DEL", key(of: entry)))
    }

    private func key(of entry: StreamEntry) -> RedisArgument {
        RedisArgument(StreamNames.isolationMarks(entry.partition, group: group, entry: entry.id))
    }
}
