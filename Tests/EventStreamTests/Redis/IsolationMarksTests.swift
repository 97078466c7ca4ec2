import EventStream
import Models
import TestSupport
import Testing

@Suite struct IsolationMarksTests {
    private let topology = StreamTopology(partitions: 1)

    @Test func marksOfProcessesThatDiedAreCountedAndOnesOwnIsNot() async throws {
        let redis = try TestRedis()
        let entry = try await anEntry(redis)
        let survivor = marks(redis)
        // The same consumer name in each: another process all the same.
        for died in 0..<3 { #expect(try await marks(redis).place(on: entry) == died) }
        #expect(try await survivor.place(on: entry) == 3)
        #expect(try await survivor.place(on: entry) == 3)
        try await survivor.remove(from: entry)
        #expect(try await marks(redis).place(on: entry) == 3)
        try await survivor.clear(entry)
        #expect(try await survivor.place(on: entry) == 0)
    }

    @Test func anotherEntryOrGroupHasMarksOfItsOwn() async throws {
        let redis = try TestRedis()
        let (first, second) = (try await anEntry(redis), try await anEntry(redis))
        #expect(try await marks(redis).place(on: first) == 0)
        #expect(try await marks(redis).place(on: second) == 0)
        #expect(try await marks(redis, group: "other").place(on: first) == 0)
    }

    @Test func deliveriesAreCountedByRedis() async throws {
        let redis = try TestRedis()
        let consumer = GroupConsumer(group: "history", name: "a", topology: topology, connection: redis.connection())
        let first = try await anEntry(redis)
        #expect(try await consumer.deliveries(of: [first]) == [1])
        for _ in 0..<4 { _ = try await consumer.pending(after: [0: .zero], count: 10) }
        let second = try await anEntry(redis)
        #expect(try await consumer.deliveries(of: [second, first]) == [1, 5])
        try await consumer.acknowledge([first])
        #expect(try await consumer.deliveries(of: [first, second]) == [0, 1])
        #expect(try await consumer.deliveries(of: []) == [])
    }

    private func marks(_ redis: TestRedis, group: String = "history") -> IsolationMarks {
        IsolationMarks(group: group, consumer: "a", connection: redis.connection())
    }

    private func anEntry(_ redis: TestRedis) async throws -> StreamEntry {
        let consumer = GroupConsumer(group: "history", name: "a", topology: topology, connection: redis.connection())
        try await consumer.join()
        try await StreamAppender(topology: topology, connections: [redis.connection()])
            .append(PartitionBatch.batches(of: [.playing(seq: 0)], topology: topology))
        return try #require(try await consumer.read(partitions: [0], count: 1, block: nil).first)
    }
}
