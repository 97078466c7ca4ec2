import Batching
import Testing

@testable import Spool

@Suite("The scan of a segment") struct SegmentScanTests {
    private static let batches = [
        PartitionBatch(partition: 3, payload: [1], eventCount: 1),
        PartitionBatch(partition: 98, payload: Array(0..<200), eventCount: 512),
        PartitionBatch(partition: 0, payload: Array(repeating: 0, count: 40), eventCount: 2),
    ]
    private static let head = SegmentFormat.head(partitions: 16)

    private static func segment(_ batches: [PartitionBatch] = batches) -> [UInt8] {
        batches.reduce(into: head) { SegmentFormat.append($1, to: &$0) }
    }

    /// Where each record begins, and the end of all.
    private static var bounds: [Int] {
        batches.reduce(into: [head.count]) { $0.append($0.last! + SegmentFormat.frameBytes + 4 + $1.payload.count) }
    }

    @Test("finds what was written")
    func roundTrip() {
        let scan = SegmentScan(Self.segment())
        #expect(scan.partitions == 16)
        #expect(scan.batches == Self.batches)
        #expect(scan.isSound && !scan.isBlank)
        #expect(scan.events == 515)
        #expect(scan.bytes == Self.bounds.last)
        #expect(SegmentScan(Self.head).isSound && SegmentScan(Self.head).batches.isEmpty)
    }

    @Test("of the bytes in the documentation")
    func golden() {
        let bytes = Self.segment([PartitionBatch(partition: 5, payload: [0x0a, 0x00], eventCount: 1)])
        #expect(
            bytes == Array("PHSPOOL1".utf8) + [16, 0, 0, 0, 0x83, 0x26, 0x0e, 0xd7]
                + [6, 0, 0, 0, 0xd7, 0x01, 0x21, 0x69, 5, 0, 1, 0, 0x0a, 0])
    }

    @Test("finds all other records whatever byte is damaged, and invents none", arguments: [0x01, 0x80, 0xff] as [UInt8])
    func corruption(flipped: UInt8) {
        let sound = Self.segment()
        for offset in sound.indices {
            var bytes = sound
            bytes[offset] ^= flipped
            let scan = SegmentScan(bytes)
            let damaged = Self.bounds.lastIndex { $0 <= offset }
            let expected = Self.batches.indices.filter { $0 != damaged }.map { Self.batches[$0] }
            #expect(scan.batches == expected, "byte \(offset)")
            #expect(!scan.isSound)
            #expect((scan.partitions == nil) == (offset < Self.head.count))
        }
    }

    @Test("finds the records before a cut, wherever it is")
    func truncation() {
        let sound = Self.segment()
        for length in 0..<sound.count {
            let scan = SegmentScan(Array(sound[..<length]))
            let whole = Self.bounds.dropFirst().count { $0 <= length }
            #expect(scan.batches == Array(Self.batches.prefix(whole)), "\(length) bytes")
            #expect(scan.isSound == Self.bounds.contains(length))
            if length >= Self.head.count { #expect(scan.soundEnd == Self.bounds[whole] && scan.damage.isEmpty) }
        }
    }

    @Test("finds the records around bytes that are none")
    func garbage() {
        let sound = Self.segment()
        let cut = Self.bounds[1]
        // 1 MiB more than there is, and the length of a record that does not fit its checksum.
        for garbage in [[0xff], Array(repeating: 0, count: 5000), [0, 0, 0x10, 0], [9, 0, 0, 0, 1, 2, 3, 4]] as [[UInt8]] {
            let scan = SegmentScan(Array(sound[..<cut]) + garbage + Array(sound[cut...]))
            #expect(scan.batches == Self.batches)
            #expect(scan.damage == [cut..<cut + garbage.count])
        }
    }

    @Test("of nothing, or of nothing but zeros")
    func blank() {
        #expect(SegmentScan([]).isBlank)
        #expect(SegmentScan(Array(repeating: 0, count: 4096)).isBlank)
        #expect(SegmentScan(Array(repeating: 0, count: 4096)).batches.isEmpty)
    }
}
