import Batching
import Models
import Wire

/// An entry of a partition stream as a consumer got it.
public struct StreamEntry: Sendable {
    public let partition: Int
    private let kind: StreamKind
    public let id: StreamEntryID
    public let content: Content

    /// Not decoded when it is read: an entry that crashes its reader must be known by its id before anybody looks into it.
    public enum Content: Sendable {
        /// A `PlaybackEventBatch`; the count is the writer's word.
        case batch([UInt8], eventCount: Int)
        /// Has no field `b`: nothing that an edge writes. All its fields, so that what it was can still be found out.
        case foreign([UInt8])
        /// Deleted from the stream while it was pending: there is nothing left but to acknowledge it.
        case deleted
    }

    /// Events that this entry counts with in a batch: what its writer says, within the limits of an entry.
    public var weight: Int {
        guard case .batch(_, let eventCount) = content else { return 1 }
        return min(max(eventCount, 1), PartitionBatch.maximalEvents)
    }

    /// Reads the payload.
    /// - Parameter events: where its events are appended.
    /// - Returns: what can never be applied, and why.
    public func decode(into events: inout [PlaybackEvent]) -> [WireEvents.Refused] {
        switch content {
        case .deleted: return []
        case .foreign(let fields): return [.init(reason: "the entry has no field b", payload: fields)]
        case .batch(let payload, _):
            do {
                return try WireEvents.decode(payload, into: &events)
            } catch {
                return [.init(reason: "\(error)", payload: payload)]
            }
        }
    }

    /// The name of its stream.
    public var stream: String { kind.stream(partition) }

    init(partition: Int, of kind: StreamKind = .events, id: StreamEntryID, content: Content) {
        self.partition = partition
        self.kind = kind
        self.id = id
        self.content = content
    }

    /// - Parameter reply: `[id, [field, value, …]]`, or `[id, nil]` for a deleted entry.
    init(partition: Int, of kind: StreamKind, reply: RedisReply) throws(RedisError) {
        let parts = try reply.array()
        guard parts.count == 2 else { throw RedisError(.unexpectedReply, "a stream entry has an id and fields") }
        self.partition = partition
        self.kind = kind
        id = try StreamEntryID(parts[0].text())
        content = parts[1].isNil ? .deleted : try Self.content(of: parts[1].fields())
    }

    private static func content(of fields: [String: RedisReply]) throws(RedisError) -> Content {
        if let payload = try fields["b"]?.bytes() {
            return .batch(payload, eventCount: try fields["n"].flatMap { reply throws(RedisError) in Int(try reply.text()) } ?? 1)
        }
        var content: [UInt8] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { content += try Array("\(name)=".utf8) + value.bytes() + [0x0a] }
        return .foreign(content)
    }
}
