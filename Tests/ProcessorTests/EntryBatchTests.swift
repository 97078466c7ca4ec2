import Testing

@testable import EventStream
@testable import Processor

@Suite("Entries that are folded together")
struct EntryBatchTests {
    private static func entry(_ eventCount: Int, id: UInt64) -> StreamEntry {
        StreamEntry(partition: 0, id: StreamEntryID(milliseconds: id, sequence: 0), content: .batch([], eventCount: eventCount))
    }

    private static func parts(_ counts: [Int], _ limit: Int) -> [[UInt64]] {
        let entries = counts.enumerated().map { entry($1, id: UInt64($0)) }
        return EntryBatch.parts(of: entries, events: limit).map { $0.map(\.id.milliseconds) }
    }

    @Test("are cut into parts in their order, an entry never")
    func parts() {
        #expect(Self.parts([], 1000).isEmpty)
        #expect(Self.parts([5], 1) == [[0]])
        #expect(Self.parts([500, 500, 1], 1000) == [[0, 1], [2]])
        #expect(Self.parts([512, 512, 512], 1000) == [[0], [1], [2]])
        #expect(Self.parts([1, 1, 1, 1], 2) == [[0, 1], [2, 3]])
    }

    @Test("weigh what their writer says, within the limits of an entry", arguments: [(0, 1), (-7, 1), (3, 3), (Int.max, 512)])
    func weight(eventCount: Int, weight: Int) {
        #expect(Self.entry(eventCount, id: 1).weight == weight)
        // As a sum of two such would not fit.
        #expect(Self.parts([eventCount, eventCount], 1000).flatMap { $0 } == [0, 1])
    }
}
