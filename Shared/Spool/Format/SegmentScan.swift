import Batching

/// What a segment holds: every sound record, also those behind damage. Pure.
struct SegmentScan: Sendable {
    /// nil where the head is damaged.
    let partitions: Int?
    private(set) var batches: [PartitionBatch] = []
    /// Bytes between sound records that are none.
    private(set) var damage: [Range<Int>] = []
    /// Where the last sound record ends, or the head.
    private(set) var soundEnd: Int
    let bytes: Int
    /// No byte is other than 0, as after a loss of power before the first sync.
    let isBlank: Bool

    var events: Int { batches.reduce(0) { $0 + $1.eventCount } }

    /// Every byte belongs to the head or a sound record.
    var isSound: Bool { partitions != nil && damage.isEmpty && tail.isEmpty }

    /// Bytes after the last sound record: of a record that was cut off, if this was the last segment when its writer ended.
    var tail: Range<Int> { soundEnd..<max(bytes, soundEnd) }

    init(_ content: [UInt8]) {
        bytes = content.count
        isBlank = content.allSatisfy { $0 == 0 }
        partitions = SegmentFormat.partitions(ofHead: content)
        soundEnd = min(SegmentFormat.headBytes, content.count)
        var offset = soundEnd
        while offset < content.count {
            if let record = SegmentFormat.record(in: content, at: offset) {
                if offset > soundEnd { damage.append(soundEnd..<offset) }
                batches.append(record.batch)
                offset = record.end
                soundEnd = offset
            } else {
                // The length may be what is damaged, so the next record may begin anywhere.
                offset += 1
            }
        }
    }
}
