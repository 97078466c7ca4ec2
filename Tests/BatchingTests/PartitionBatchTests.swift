import Batching
import Models
import TestSupport
import Testing
import Wire

@Suite("Events sorted into batches by partition")
struct PartitionBatchTests {
    private static func batches(_ events: [PlaybackEvent]) -> [PartitionBatch] {
        PartitionBatch.batches(of: events, partitions: 16)
    }

    @Test("no events make no batch")
    func none() {
        #expect(Self.batches([]).isEmpty)
    }

    /// As in the tests of the hash, worked out with Python.
    @Test(
        "a member's events go to the member's partition",
        arguments: [("m-42", 5), ("m-1", 6), ("viewer", 3), ("bob", 8)] as [(OpaqueID, Int)])
    func knownPartition(member: OpaqueID, partition: Int) {
        #expect(Self.batches([.sample(member: member)]).map(\.partition) == [partition])
        #expect(PartitionBatch.batches(of: [.sample(member: member)], partitions: 1).map(\.partition) == [0])
    }

    @Test("each event stands in one batch, in order within its partition, under the right count")
    func complete() throws {
        let events = (0..<2000).map { PlaybackEvent.sample(member: OpaqueID("m-\($0 % 37)"), seq: Int64($0)) }
        let batches = Self.batches(events)
        let wanted = Dictionary(grouping: events) { StableHash.partition(ofMember: $0.memberId, count: 16) }
        #expect(batches.map(\.eventCount).reduce(0, +) == events.count)
        for (partition, ofPartition) in wanted {
            let own = batches.filter { $0.partition == partition }
            var decoded: [PlaybackEvent] = []
            for batch in own {
                let events = try WireEvents.decode(batch.payload)
                #expect(events.count == batch.eventCount)
                decoded += events
            }
            #expect(decoded == ofPartition, "partition \(partition)")
            #expect(own.count == 1 || own.dropLast().allSatisfy { $0.eventCount == 512 })
        }
        #expect(Set(batches.map(\.partition)) == Set(wanted.keys))
    }

    @Test(
        "a batch ends at 512 events",
        arguments: [(511, [511]), (512, [512]), (513, [512, 1]), (1100, [512, 512, 76])] as [(Int64, [Int])])
    func eventLimit(count: Int64, sizes: [Int]) {
        #expect(Self.batches((0..<count).map { .sample(seq: $0) }).map(\.eventCount) == sizes)
    }

    @Test("a batch ends before 64 KiB")
    func byteLimit() throws {
        let long = OpaqueID(String(repeating: "t", count: 256))
        let events = (0..<1000).map { PlaybackEvent.sample(seq: $0, titleId: long) }
        let batches = Self.batches(events)
        let largestEvent = try #require(events.map { WireEvents.encode([$0]).count }.max())
        #expect(batches.allSatisfy { $0.payload.count <= 65_536 })
        #expect(batches.dropLast().allSatisfy { $0.payload.count > 65_536 - largestEvent }, "as full as they can be")
        #expect(try batches.flatMap { try WireEvents.decode($0.payload) } == events)
    }
}
