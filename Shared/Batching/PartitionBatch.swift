import Models
import Wire

/// Events of one partition, encoded: what a request hands to the group commit, and what one entry of a stream or a spool holds.
public struct PartitionBatch: Sendable, Hashable {
    /// Of one stream entry.
    public static let maximalEvents = 512
    /// Of one stream entry's payload.
    public static let maximalBytes = 64 * 1024

    public var partition: Int
    /// A `PlaybackEventBatch`. Two such payloads one after the other are the payload of both (protobuf: repeated fields append).
    public var payload: [UInt8]
    public var eventCount: Int

    /// Sorts events by partition, keeping their order within it, and encodes them in batches within the limits.
    public static func batches(of events: [PlaybackEvent], partitions: Int) -> [PartitionBatch] {
        var batches: [PartitionBatch] = []
        var openBatch: [Int: Int] = [:]
        for event in events {
            let partition = StableHash.partition(ofMember: event.memberId, count: partitions)
            let encoded = WireEvents.encode([event])
            if let index = openBatch[partition], batches[index].fits(bytes: encoded.count, events: 1) {
                batches[index].payload += encoded
                batches[index].eventCount += 1
            } else {
                openBatch[partition] = batches.count
                batches.append(PartitionBatch(partition: partition, payload: encoded, eventCount: 1))
            }
        }
        return batches
    }

    public init(partition: Int, payload: [UInt8], eventCount: Int) {
        self.partition = partition
        self.payload = payload
        self.eventCount = eventCount
    }

    func fits(bytes: Int, events: Int) -> Bool {
        payload.count + bytes <= Self.maximalBytes && eventCount + events <= Self.maximalEvents
    }
}
