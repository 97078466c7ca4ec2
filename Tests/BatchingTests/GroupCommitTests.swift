import Testing

@testable import Batching

@Suite("The group commit")
struct GroupCommitTests {
    private static func batch(_ partition: Int, bytes: Int = 1, events: Int = 1, mark: UInt8 = 0) -> PartitionBatch {
        PartitionBatch(partition: partition, payload: Array(repeating: mark, count: bytes), eventCount: events)
    }

    /// Each entry as its partition, size, number of events and tickets.
    private static func shapes(_ entries: [GroupCommit<Int>.Entry]) -> [[Int]] {
        entries.map { [$0.batch.partition, $0.batch.payload.count, $0.batch.eventCount] + $0.tickets }
    }

    @Test("what waits for a partition goes into one entry, with the tickets of all")
    func merges() {
        var waiting = GroupCommit<Int>()
        #expect(waiting.isEmpty)
        waiting.add(Self.batch(3, bytes: 10, events: 2), ticket: 1)
        waiting.add(Self.batch(5, bytes: 7), ticket: 1)
        waiting.add(Self.batch(3, bytes: 20, events: 3), ticket: 2)
        #expect(!waiting.isEmpty)
        #expect(Self.shapes(waiting.takeAll()) == [[3, 30, 5, 1, 2], [5, 7, 1, 1]])
    }

    @Test("payloads are joined in the order of arrival")
    func order() {
        var waiting = GroupCommit<Int>()
        for (ticket, mark) in ([7, 3, 9, 1] as [UInt8]).enumerated() { waiting.add(Self.batch(0, bytes: 2, mark: mark), ticket: ticket) }
        #expect(waiting.takeAll().map(\.batch.payload) == [[7, 7, 3, 3, 9, 9, 1, 1]])
    }

    @Test("an entry takes 512 events, not one more", arguments: [(511, 1), (1, 511), (256, 256)])
    func eventLimit(first: Int, second: Int) {
        var waiting = GroupCommit<Int>()
        waiting.add(Self.batch(0, events: first), ticket: 1)
        waiting.add(Self.batch(0, events: second), ticket: 2)
        waiting.add(Self.batch(0), ticket: 3)
        #expect(Self.shapes(waiting.takeAll()) == [[0, 2, 512, 1, 2], [0, 1, 1, 3]])
    }

    @Test("an entry takes 64 KiB, not a byte more", arguments: [(65_535, 1), (1, 65_535), (32_768, 32_768)])
    func byteLimit(first: Int, second: Int) {
        var waiting = GroupCommit<Int>()
        waiting.add(Self.batch(0, bytes: first), ticket: 1)
        waiting.add(Self.batch(0, bytes: second), ticket: 2)
        waiting.add(Self.batch(0), ticket: 3)
        #expect(Self.shapes(waiting.takeAll()) == [[0, 65_536, 2, 1, 2], [0, 1, 1, 3]])
    }

    @Test("a batch beyond the limits on its own is an entry of its own")
    func oversized() {
        var waiting = GroupCommit<Int>()
        waiting.add(Self.batch(0), ticket: 1)
        waiting.add(Self.batch(0, bytes: 70_000, events: 600), ticket: 2)
        waiting.add(Self.batch(0), ticket: 3)
        #expect(Self.shapes(waiting.takeAll()) == [[0, 1, 1, 1], [0, 70_000, 600, 2], [0, 1, 1, 3]])
    }

    @Test("a small batch does not overtake: once an entry was too full for one, it is closed")
    func noOvertaking() {
        var waiting = GroupCommit<Int>()
        waiting.add(Self.batch(0, events: 500), ticket: 1)
        waiting.add(Self.batch(0, events: 20), ticket: 2)
        waiting.add(Self.batch(0, events: 5), ticket: 3)
        #expect(Self.shapes(waiting.takeAll()) == [[0, 1, 500, 1], [0, 2, 25, 2, 3]])
    }

    @Test("a full partition leaves the others alone")
    func partitionsApart() {
        var waiting = GroupCommit<Int>()
        waiting.add(Self.batch(0, events: 512), ticket: 1)
        waiting.add(Self.batch(1, events: 1), ticket: 2)
        waiting.add(Self.batch(0, events: 1), ticket: 3)
        waiting.add(Self.batch(1, events: 1), ticket: 4)
        #expect(Self.shapes(waiting.takeAll()) == [[0, 1, 512, 1], [1, 2, 2, 2, 4], [0, 1, 1, 3]])
    }

    @Test("counts the bytes that wait")
    func waitingBytes() {
        var waiting = GroupCommit<Int>()
        #expect(waiting.waitingBytes == 0)
        for bytes in [10, 65_536, 200] { waiting.add(Self.batch(bytes % 3, bytes: bytes), ticket: 0) }
        #expect(waiting.waitingBytes == 65_746)
        _ = waiting.takeAll()
        #expect(waiting.waitingBytes == 0)
    }

    @Test("taking everything leaves nothing, and nothing to add to")
    func takeAll() {
        var waiting = GroupCommit<Int>()
        for partition in 0..<4 { waiting.add(Self.batch(partition), ticket: 1) }
        #expect(waiting.takeAll().count == 4)
        #expect(waiting.isEmpty && waiting.takeAll().isEmpty)
        // What comes now starts an entry, although its partition had an open one.
        waiting.add(Self.batch(3), ticket: 2)
        #expect(Self.shapes(waiting.takeAll()) == [[3, 1, 1, 2]])
    }
}
