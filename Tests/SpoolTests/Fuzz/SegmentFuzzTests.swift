import Batching
import Oracle
import TestSupport
import Testing

@testable import Spool

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("Segments, damaged at random")
struct SegmentFuzzTests {
    @Test("a scan accounts for every byte, finds each record that was not hit, and invents none")
    func segments() async throws {
        let report = try await Fuzz.run("spool segments") { random in
            let segment = DamagedSegment(using: &random)
            let bytes = segment.bytes
            let scan = SegmentScan(bytes)
            let found = try Self.records(of: scan, in: bytes)
            // Where the head got shorter, the first record may stand within it.
            for (offset, batch) in segment.untouched where offset >= SegmentFormat.headBytes {
                // What was deleted may by chance be what follows it: then the record before is whole, and this one is not.
                let isCovered = found.contains { $0.range.lowerBound < offset && offset < $0.range.upperBound }
                try Fuzz.require(
                    found.contains { $0.range.lowerBound == offset && $0.batch == batch } || isCovered,
                    "the record at \(offset) is not found: \(bytes)")
            }
            // What was put into the head may by chance be what stood there.
            try Fuzz.require(
                (scan.partitions != nil) == segment.isHeadSound || bytes.starts(with: SegmentFormat.head(partitions: scan.partitions ?? 0)),
                "the head is taken wrongly: \(bytes)")
            try Fuzz.require(scan.isBlank == bytes.allSatisfy { $0 == 0 }, "blank or not: \(bytes)")
            return scan.partitions != nil && !scan.batches.isEmpty
        }
        #expect(report.complaints == [])
    }

    /// The scan's records with their places. Damage, records and tail must make up all that follows the head, byte by byte.
    private static func records(of scan: SegmentScan, in bytes: [UInt8]) throws -> [(range: Range<Int>, batch: PartitionBatch)] {
        var records: [(range: Range<Int>, batch: PartitionBatch)] = []
        var damage = scan.damage[...]
        var offset = min(SegmentFormat.headBytes, bytes.count)
        for batch in scan.batches {
            if let hit = damage.first, hit.lowerBound == offset {
                try Fuzz.require(!hit.isEmpty, "damage of nothing: \(bytes)")
                offset = hit.upperBound
                damage.removeFirst()
            }
            let record = DamagedSegment.bytes(of: batch)
            try Fuzz.require(bytes[min(offset, bytes.count)...].starts(with: record), "no such record at \(offset): \(bytes)")
            records.append((offset..<offset + record.count, batch))
            offset += record.count
        }
        try Fuzz.require(damage.isEmpty && scan.soundEnd == offset, "records and damage end at \(offset), not \(scan.soundEnd): \(bytes)")
        try Fuzz.require(scan.tail == offset..<bytes.count && scan.bytes == bytes.count, "the tail is \(scan.tail): \(bytes)")
        try Fuzz.require(scan.events == scan.batches.reduce(0) { $0 + $1.eventCount }, "the events are \(scan.events): \(bytes)")
        let isSound = scan.partitions != nil && scan.damage.isEmpty && offset == bytes.count
        try Fuzz.require(scan.isSound == isSound, "sound or not: \(bytes)")
        return records
    }
}
