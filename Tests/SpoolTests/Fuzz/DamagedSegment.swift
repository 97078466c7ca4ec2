import Batching
import Models
import Oracle
import TestSupport

@testable import Spool

/// A segment as the edge writes it, and then some random damage, of which it is known what it hit.
struct DamagedSegment {
    private enum Piece {
        case record(PartitionBatch)
        /// A record that was hit, or bytes that never were one.
        case damage([UInt8])

        var bytes: [UInt8] {
            switch self {
            case .record(let batch): DamagedSegment.bytes(of: batch)
            case .damage(let bytes): bytes
            }
        }
    }

    private static let partitions = [1, 4, 16, 256, 65_536]
    private var head: [UInt8]
    private var pieces: [Piece]

    private let soundHead: [UInt8]

    /// The file's content.
    var bytes: [UInt8] { head + pieces.flatMap(\.bytes) }

    var isHeadSound: Bool { head == soundHead }

    /// The records that nothing hit, with the offsets at which they stand.
    var untouched: [(offset: Int, batch: PartitionBatch)] {
        var offset = head.count
        return pieces.compactMap { piece in
            defer { offset += piece.bytes.count }
            return if case .record(let batch) = piece { (offset, batch) } else { nil }
        }
    }

    static func bytes(of batch: PartitionBatch) -> [UInt8] {
        var bytes: [UInt8] = []
        SegmentFormat.append(batch, to: &bytes)
        return bytes
    }

    init(using random: inout SeededGenerator) {
        let partitions = Self.partitions[Int.random(in: 0..<Self.partitions.count, using: &random)]
        soundHead = SegmentFormat.head(partitions: partitions)
        (head, pieces) = (soundHead, [])
        for seq in 0..<Int64.random(in: 1...4, using: &random) {
            let events = (0...Int64.random(in: 0...2, using: &random)).map { PlaybackEvent.playing(member: OpaqueID("m-\($0)"), seq: seq) }
            pieces += PartitionBatch.batches(of: events, partitions: partitions).map(Piece.record)
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) { damage(using: &random) }
    }

    private mutating func damage(using random: inout SeededGenerator) {
        guard !pieces.isEmpty else { return }
        let at = Int.random(in: 0..<pieces.count, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0..<3: pieces[at] = .damage(Self.hit(pieces[at].bytes, using: &random))
        case 3: pieces.insert(.damage(Self.noRecord(using: &random)), at: at)
        case 4: pieces.insert(pieces[at], at: Int.random(in: 0...pieces.count, using: &random))
        case 5: pieces.swapAt(at, Int.random(in: 0..<pieces.count, using: &random))
        case 6: cut(at, using: &random)
        case 7: swallow(from: at, using: &random)
        case 8:
            // Another content, with checksums that fit: no batch of events, but a record.
            guard case .record(var batch) = pieces[at] else { return }
            batch.payload[Int.random(in: 0..<batch.payload.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            batch.eventCount = [0, 1, 512, 65_535][Int.random(in: 0..<4, using: &random)]
            batch.partition = Int.random(in: 0...65_535, using: &random)
            pieces[at] = .record(batch)
        case 9:
            // The length of another record before a sound one.
            guard case .record = pieces[at] else { return }
            var bytes = pieces[at].bytes
            let lengths: [UInt32] = [0, 4, 5, 1 << 20, 1 << 20 + 1, 1 << 31, .max, UInt32(bytes.count - 7), UInt32(bytes.count - 9)]
            let length = lengths[Int.random(in: 0..<lengths.count, using: &random)]
            withUnsafeBytes(of: length.littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
            pieces[at] = .damage(bytes)
        case 10 where random.chance(40): head = Self.hit(head, using: &random)
        case 11 where random.chance(10): (head, pieces) = (Array(head.prefix(Int.random(in: 0...head.count, using: &random))), [])
        default: break
        }
    }

    /// A record whose body are the pieces that follow: they are no records of the segment then.
    private mutating func swallow(from at: Int, using random: inout SeededGenerator) {
        let end = Int.random(in: at + 1...pieces.count, using: &random)
        let payload = pieces[at..<end].flatMap(\.bytes)
        guard !payload.isEmpty else { return }
        pieces.replaceSubrange(at..<end, with: [.record(PartitionBatch(partition: 1, payload: payload, eventCount: 1))])
    }

    /// The end of the file is lost, as after a loss of power.
    private mutating func cut(_ at: Int, using random: inout SeededGenerator) {
        let rest = pieces[at].bytes.prefix(Int.random(in: 0..<max(pieces[at].bytes.count, 1), using: &random))
        pieces.replaceSubrange(at..., with: [.damage(Array(rest))])
    }

    /// Other bytes than before, of the same number or not.
    private static func hit(_ sound: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        guard !sound.isEmpty else { return [0xff] }
        var bytes = sound
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let span = start..<min(bytes.count, start + Int.random(in: 1...20, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(span)
        case 2: bytes.insert(contentsOf: bytes[span], at: start)
        // As a block of a disk that was never written.
        default: for index in span { bytes[index] = 0 }
        }
        return bytes
    }

    private static func noRecord(using random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Array(repeating: 0, count: Int.random(in: 1...600, using: &random))
        case 1: (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 2: SegmentFormat.head(partitions: 16)
        // A length that the rest of the file has room for, or has not.
        default: [[9, 0, 0, 0, 1, 2, 3, 4], [0xff, 0xff, 0xff, 0xff], [0, 0, 0x10, 0]][Int.random(in: 0..<3, using: &random)]
        }
    }
}
