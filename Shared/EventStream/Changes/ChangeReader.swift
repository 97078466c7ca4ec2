import Models
import Wire

/// Reads the change feed without a consumer group: each reader keeps its own place.
public struct ChangeReader: Sendable {
    /// What a partition's stream has.
    public struct Extent: Sendable, Hashable {
        /// The oldest entry that is there.
        public var first: StreamEntryID?
        /// The newest entry there ever was.
        public var last: StreamEntryID
        /// Whether nothing was ever removed.
        public var isWhole: Bool

        /// Whether all that came after `entry` can certainly be read. Where everything up to a place was removed, Redis does not tell whether
        /// there was anything between: such a place counts as lost, too.
        public func holdsAll(after entry: StreamEntryID) -> Bool {
            if entry == .zero { return isWhole }
            // A stream that began anew has a newest entry before it, or its first one after.
            guard entry <= last else { return false }
            return first.map { entry >= $0.previous } ?? (entry == last)
        }
    }

    public let partitions: Int
    private let connection: RedisConnection

    /// - Parameter connection: for this reader alone where it waits for changes.
    public init(topology: StreamTopology, connection: RedisConnection) {
        partitions = topology.partitions
        self.connection = connection
    }

    /// - Throws: ``RedisError``
    public func extents() async throws(RedisError) -> [Extent] {
        let replies = try await connection.send(
            (0..<partitions).map { RedisCommand("XINFO", "STREAM", RedisArgument(StreamNames.changes($0))) })
        var extents: [Extent] = []
        for reply in replies {
            // "ERR no such key": nothing was ever announced there.
            if let error = reply.error {
                guard error.kind == .server(code: "ERR") else { throw error }
                extents.append(Extent(first: nil, last: .zero, isWhole: true))
                continue
            }
            extents.append(try Self.extent(reply.fields()))
        }
        return extents
    }

    /// What came after these entries, in each partition in order.
    /// - Parameters:
    ///   - positions: by partition.
    ///   - count: entries of each partition at most.
    ///   - block: how long to wait where there is nothing.
    /// - Throws: ``RedisError``
    public func read(
        after positions: [StreamEntryID], count: Int, block: Duration
    ) async throws(RedisError) -> [(partition: Int, entry: StreamEntryID, changes: [FeedChange])] {
        var arguments: [RedisArgument] = ["XREAD", "COUNT", RedisArgument(count), "BLOCK", RedisArgument(block.milliseconds), "STREAMS"]
        arguments += positions.indices.map { RedisArgument(StreamNames.changes($0)) }
        arguments += positions.map { RedisArgument($0.description) }
        let reply = try await connection.send(RedisCommand(arguments), blockingFor: block)
        var found: [(partition: Int, entry: StreamEntryID, changes: [FeedChange])] = []
        for stream in try reply.array() {
            let parts = try stream.array()
            guard parts.count == 2, let partition = try Self.partition(named: parts[0].text(), among: positions.count) else {
                throw RedisError(.unexpectedReply, "XREAD answers with streams and their entries")
            }
            for reply in try parts[1].array() {
                let entry = try Self.entry(reply)
                found.append((partition, entry.id, Self.changes(of: entry)))
            }
        }
        return found
    }

    /// What a member missed.
    /// - Returns: nil where that cannot be told any more, or would be more than `limit` entries of the partition or ``maximalMissedBytes``.
    /// - Throws: ``RedisError``
    public func changes(of member: OpaqueID, after position: FeedPosition, limit: Int) async throws(RedisError) -> [FeedChange]? {
        let partition = StableHash.partition(ofMember: member, count: partitions)
        let key = RedisArgument(StreamNames.changes(partition))
        let info = RedisCommand("XINFO", "STREAM", key)
        func holdsAll() async throws(RedisError) -> Bool {
            let reply = try await connection.send([info])[0]
            guard reply.error == nil else { return false }
            return try Self.extent(reply.fields()).holdsAll(after: position.entry)
        }
        guard try await holdsAll() else { return nil }
        var changes: [FeedChange] = []
        var (entries, bytes) = (0, 0)
        // The entry itself may hold more changes than the one at the position.
        var start = position.entry.description
        while true {
            let reply = try await connection.send(
                RedisCommand("XRANGE", key, RedisArgument(start), "+", "COUNT", RedisArgument(Self.pageEntries)))
            let page = try reply.array()
            for raw in page {
                let entry = try Self.entry(raw)
                entries += 1
                bytes += entry.payload.count
                guard entries <= limit, bytes <= Self.maximalMissedBytes else { return nil }
                changes += Self.changes(of: entry).filter { $0.change.memberId == member && $0.position > position }
                start = "(\(entry.id)"
            }
            if page.count < Self.pageEntries { break }
        }
        // Again, as it may have been trimmed past the place meanwhile.
        return try await holdsAll() ? changes : nil
    }

    /// Of a partition's entries, which one who comes back makes Redis send.
    public static let maximalMissedBytes = 16 << 20
    private static let pageEntries = 100

    private static func extent(_ fields: [String: RedisReply]) throws(RedisError) -> Extent {
        guard let last = fields["last-generated-id"], let length = fields["length"] else {
            throw RedisError(.unexpectedReply, "XINFO STREAM names the last id and the length")
        }
        var first: StreamEntryID?
        if let entry = fields["first-entry"], !entry.isNil, let id = try entry.array().first { first = try StreamEntryID(id.text()) }
        // Redis counts what was added from 7 on. (Its max-deleted-entry-id knows nothing of XTRIM.)
        let added = try fields["entries-added"]?.integer()
        return Extent(first: first, last: try StreamEntryID(last.text()), isWhole: added == (try length.integer()))
    }

    private static func partition(named stream: String, among count: Int) -> Int? {
        (0..<count).first { StreamNames.changes($0) == stream }
    }

    private static func entry(_ reply: RedisReply) throws(RedisError) -> (id: StreamEntryID, payload: [UInt8]) {
        let parts = try reply.array()
        guard parts.count == 2 else { throw RedisError(.unexpectedReply, "a stream entry has an id and fields") }
        return (try StreamEntryID(parts[0].text()), try parts[1].fields()["c"]?.bytes() ?? [])
    }

    /// What does not decode is passed over: it was written by a later version, or by somebody else.
    private static func changes(of entry: (id: StreamEntryID, payload: [UInt8])) -> [FeedChange] {
        let changes = (try? WireChanges.decode(entry.payload)) ?? []
        return changes.enumerated().map { FeedChange(position: FeedPosition(entry: entry.id, index: $0), change: $1) }
    }
}
