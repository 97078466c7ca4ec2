/// Gathers what waits for Redis into as few stream entries as the limits allow. Pure: ``StreamAppender`` carries it out.
struct GroupCommit<Ticket: Sendable>: Sendable {
    /// One entry to append, and whose events are in it.
    struct Entry: Sendable {
        var batch: PartitionBatch
        var tickets: [Ticket]
    }

    private(set) var entries: [Entry] = []
    /// Payload bytes that wait.
    private(set) var waitingBytes = 0
    /// By partition, the entry that still has room.
    private var openEntry: [Int: Int] = [:]

    var isEmpty: Bool { entries.isEmpty }

    /// Adds one request's batch to its partition's open entry, or opens the next.
    mutating func add(_ batch: PartitionBatch, ticket: Ticket) {
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
    mutating func takeAll() -> [Entry] {
        defer { self = GroupCommit() }
        return entries
    }
}
