import Models
import Wire

/// An entry of a partition stream as a consumer got it.
public struct StreamEntry: Sendable {
    public let partition: Int
    public let id: StreamEntryID
    public let content: Content

    public enum Content: Sendable {
        case events([PlaybackEvent])
        /// Cannot be read, now or ever.
        case undecodable(reason: String, payload: [UInt8])
        /// Deleted from the stream while it was pending: there is nothing left but to acknowledge it.
        case deleted
    }

    /// - Parameter reply: `[id, [field, value, …]]`, or `[id, nil]` for a deleted entry.
    init(partition: Int, reply: RedisReply) throws(RedisError) {
        let parts = try reply.array()
        guard parts.count == 2 else { throw RedisError(.unexpectedReply, "a stream entry has an id and fields") }
        self.partition = partition
        id = try StreamEntryID(parts[0].text())
        content = parts[1].isNil ? .deleted : try Self.decode(fields: parts[1].fields())
    }

    private static func decode(fields: [String: RedisReply]) throws(RedisError) -> Content {
        guard let payload = try fields["b"]?.bytes() else {
            // Kept whole, so that what it was can still be found out.
            var content: [UInt8] = []
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) { content += try Array("\(name)=".utf8) + value.bytes() + [0x0a] }
            return .undecodable(reason: "the entry has no field b", payload: content)
        }
        do {
            return .events(try WireEvents.decode(payload))
        } catch {
            return .undecodable(reason: "\(error)", payload: payload)
        }
    }
}
