/// Marks that stand in Redis while an entry is processed alone, so that one whose reader dies of it is known by the marks left behind.
public struct IsolationMarks: Sendable {
    private let group: String
    /// This process, told apart from an earlier one of the same consumer name.
    private let incarnation: String

    public init(group: String, consumer: String) {
        self.group = group
        incarnation = "\(consumer) \(UInt64.random(in: 0...UInt64.max))"
    }

    /// Shows that this process lives: its marks are not left behind. Every second or so, over a connection that nothing holds up.
    /// - Throws: ``RedisError``
    public func showLife(over connection: RedisConnection) async throws(RedisError) {
        _ = try await connection.send(sign)
    }

    private var sign: RedisCommand { RedisCommand("SET", life(of: incarnation), "1", "PX", RedisArgument(Self.lifetimeMs)) }

    /// Sets this process' mark on an entry. A Redis that is full takes none: then the entry is processed without, and counts nothing.
    /// - Returns: how many marks processes left there that are gone.
    /// - Throws: ``RedisError``; the mark may then be set all the same.
    public func place(on entry: StreamEntry, over connection: RedisConnection) async throws(RedisError) -> Int {
        let key = key(of: entry)
        // A week: longer than anybody looks for it, so that marks of entries that are gone do not pile up.
        let replies = try await connection.send([
            sign, RedisCommand("SADD", key, RedisArgument(incarnation)), RedisCommand("EXPIRE", key, 604_800),
            RedisCommand("SMEMBERS", key),
        ])
        for reply in replies {
            guard let error = reply.error else { continue }
            // Nobody can show life either: a mark says nothing of whose it is.
            if error.kind == .server(code: "OOM") { return 0 }
            throw error
        }
        var left = 0
        for mark in try replies[3].array() {
            let other = try mark.text()
            if other == incarnation { continue }
            left += try await connection.send(RedisCommand("EXISTS", life(of: other))).integer() == 0 ? 1 : 0
        }
        return left
    }

    /// Takes this process' mark away: it survived.
    /// - Throws: ``RedisError``
    public func remove(from entry: StreamEntry, over connection: RedisConnection) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("SREM", key(of: entry), RedisArgument(incarnation)))
    }

    /// Forgets all marks of an entry that is done with.
    /// - Throws: ``RedisError``
    public func clear(_ entry: StreamEntry, over connection: RedisConnection) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("DEL", key(of: entry)))
    }

    /// Without a sign for so long a process is gone, or hangs as if it were.
    private static let lifetimeMs: Int64 = 5000

    private func life(of incarnation: String) -> RedisArgument {
        RedisArgument(StreamNames.processLife(incarnation))
    }

    private func key(of entry: StreamEntry) -> RedisArgument {
        RedisArgument(StreamNames.isolationMarks(entry.partition, group: group, entry: entry.id))
    }
}
