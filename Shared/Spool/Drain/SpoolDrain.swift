import Batching
import Models
import Wire

/// Takes a spool's events to where they belong, in order, a portion at a time.
///
/// A segment is removed once all of its records were answered for. After a crash in between it is sent again from its beginning,
/// which is harmless.
public actor SpoolDrain {
    /// What became of one portion.
    public enum Outcome: Sendable, Hashable {
        case empty
        /// - Parameter refused: of `events`, those that went to the end of the spool.
        case sent(events: Int, refused: Int)
        /// Another portion is under way.
        case busy
    }

    /// Of one portion: what Redis takes in about a millisecond, so that live requests wait no longer.
    private static let portionEvents = 1024
    private static let portionBytes = 128 << 10

    private let spool: Spool
    private let send: @Sendable ([PartitionBatch]) async throws -> Void
    private let isRefusal: @Sendable (any Error) -> Bool
    private var current: Segment?
    private var isSending = false
    /// How many batches are sent alone, as one among them was refused.
    private var singles = 0

    private struct Segment {
        let disk: SpoolDisk
        let number: UInt64
        let isSound: Bool
        var rest: ArraySlice<PartitionBatch>
    }

    /// - Parameters:
    ///   - send: returns once the batches are durable elsewhere.
    ///   - isRefusal: whether an error of `send` concerns the batches themselves, so that others may go.
    public init(
        _ spool: Spool, isRefusal: @escaping @Sendable (any Error) -> Bool,
        send: @escaping @Sendable ([PartitionBatch]) async throws -> Void
    ) {
        self.spool = spool
        self.isRefusal = isRefusal
        self.send = send
    }

    /// Takes over what edges that are gone have left.
    /// - Throws: ``SpoolError``
    public func adopt() async throws(SpoolError) {
        try await spool.adopt()
    }

    /// Sends the next portion.
    /// - Throws: what `send` throws, or ``SpoolError``; the portion stays the next.
    public func sendPortion() async throws -> Outcome {
        guard !isSending else { return .busy }
        isSending = true
        defer { isSending = false }
        guard let segment = try await segment() else { return .empty }
        var portion: [PartitionBatch] = []
        var events = 0
        var bytes = 0
        for batch in segment.rest {
            let isFull = events + batch.eventCount > Self.portionEvents || bytes + batch.payload.count > Self.portionBytes
            if !portion.isEmpty, isFull || singles > 0 { break }
            portion.append(batch)
            events += batch.eventCount
            bytes += batch.payload.count
        }
        var refused = 0
        do {
            try await send(portion)
        } catch let error where isRefusal(error) {
            guard portion.count == 1 else {
                // Which of them it was is found out one by one.
                singles = portion.count
                return .sent(events: 0, refused: 0)
            }
            // It must not hold up the rest, nor be lost.
            try await spool.putBack(portion)
            refused = events
        }
        singles = max(singles - 1, 0)
        current?.rest = segment.rest.dropFirst(portion.count)
        try await finishIfDone()
        return .sent(events: events, refused: refused)
    }

    private func segment() async throws(SpoolError) -> Segment? {
        if let current { return current }
        for disk in spool.disks {
            for number in try await disk.sealed() {
                guard let scan = try await disk.scan(number) else {
                    let lost = await disk.takeLost()
                    spool.note(disk, bytes: -lost.bytes, events: -lost.events)
                    continue
                }
                let batches =
                    scan.partitions == spool.partitions ? scan.batches : Self.sortedAnew(scan.batches, partitions: spool.partitions)
                current = Segment(disk: disk, number: number, isSound: scan.isSound, rest: batches[...])
                try await finishIfDone()
                if let current { return current }
            }
        }
        return nil
    }

    private func finishIfDone() async throws(SpoolError) {
        guard let segment = current, segment.rest.isEmpty else { return }
        let gone = try await segment.disk.finish(segment.number, isSound: segment.isSound)
        current = nil
        spool.note(segment.disk, bytes: -gone.bytes, events: -gone.events)
    }

    /// For another number of partitions than the spool was written with.
    private static func sortedAnew(_ batches: [PartitionBatch], partitions: Int) -> [PartitionBatch] {
        var events: [PlaybackEvent] = []
        var undecodable: [PartitionBatch] = []
        for batch in batches {
            do {
                for refused in try WireEvents.decode(batch.payload, into: &events) {
                    undecodable.append(PartitionBatch(partition: batch.partition % partitions, payload: refused.payload, eventCount: 1))
                }
            } catch {
                // A processor will say what is wrong with it.
                undecodable.append(
                    PartitionBatch(partition: batch.partition % partitions, payload: batch.payload, eventCount: batch.eventCount))
            }
        }
        return PartitionBatch.batches(of: events, partitions: partitions) + undecodable
    }
}
