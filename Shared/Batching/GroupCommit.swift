/// Gathers what waits for a writer into as few entries as the limits allow. Pure.
public struct GroupCommit<Ticket: Sendable>: Sendable {
    /// One entry to write, and whose events are in it.
    public struct Entry: Sendable {
        public var batch: PartitionBatch
        public var tickets: [Ticket]
    }

    public private(set) var entries: [Entry] = []
    /// Payload bytes that wait.
    public private(set) var waitingBytes = 0
    /// By partition, the entry that still has room.
    private var openEntry: [Int: Int] = [:]

    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    /// Adds one request's batch to its partition's open entry, or opens the next.
    public mutating func add(_ batch: PartitionBatch, ticket: Ticket) {
        waitingBytes += batch.payload.count
        if let index = openEntry[batch.partition], entries[index].batch.fits(bytes: batch.payload.count, events: batch.eventCount) {
            entries[index].batch.payload += batch.payload
            entries[index].batch.eventCount += batch.eventCount
            entries[index].tickets.append(ticket)
        } else {
            openEntry[batch.partition] = entries.count
            entries.append(Entry(batch: batch, tickets: [ticket]))
        }
    }

    /// Everything that waits, in the order of arrival within each partition.
    public mutating func takeAll() -> [Entry] {
        defer { self = GroupCommit() }
        return entries
    }
}
