import Batching
import EventStream
import Models
import TestSupport
import Testing

@Suite struct IsolationMarksTests {
    private let topology = StreamTopology(partitions: 1)

    @Test func marksOfProcessesThatAreGoneAreCountedAndThoseOfLivingOnesAreNot() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        let entry = try await anEntry(redis)
        let survivor = marks()
        // The same consumer name in each: another process all the same.
        for died in 0..<3 {
            #expect(try await marks().place(on: entry, over: connection) == died)
            try await everyProcessDies(connection)
        }
        #expect(try await survivor.place(on: entry, over: connection) == 3)
        let living = marks()
        #expect(try await living.place(on: entry, over: connection) == 3)
        #expect(try await survivor.place(on: entry, over: connection) == 3)
        try await living.remove(from: entry, over: connection)
        try await survivor.remove(from: entry, over: connection)
        #expect(try await marks().place(on: entry, over: connection) == 3)
        try await survivor.clear(entry, over: connection)
        #expect(try await survivor.place(on: entry, over: connection) == 0)
    }

    @Test func aFullRedisTakesNoMarkAndNothingIsHeldAgainstTheEntry() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        let entry = try await anEntry(redis)
        for _ in 0..<3 {
            _ = try await marks().place(on: entry, over: connection)
            try await everyProcessDies(connection)
        }
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
        #expect(try await marks().place(on: entry, over: connection) == 0)
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
        #expect(try await marks().place(on: entry, over: connection) == 3)
    }

    /// As when their signs of life have run out.
    private func everyProcessDies(_ connection: RedisConnection) async throws {
        for key in try await connection.send(RedisCommand("KEYS", "playhead:life:*")).array() {
            _ = try await connection.send(RedisCommand("DEL", RedisArgument(try key.text())))
        }
    }

    @Test func anotherEntryOrGroupHasMarksOfItsOwn() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        let (first, second) = (try await anEntry(redis), try await anEntry(redis))
        #expect(try await marks().place(on: first, over: connection) == 0)
        #expect(try await marks().place(on: second, over: connection) == 0)
        #expect(try await marks(group: "other").place(on: first, over: connection) == 0)
    }

    @Test func deliveriesAreCountedByRedis() async throws {
        let redis = try await TestRedis()
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

    private func marks(group: String = "history") -> IsolationMarks {
        IsolationMarks(group: group, consumer: "a")
    }

    private func anEntry(_ redis: TestRedis) async throws -> StreamEntry {
        let consumer = GroupConsumer(group: "history", name: "a", topology: topology, connection: redis.connection())
        try await consumer.join()
        try await StreamAppender(connections: [redis.connection()])
            .append(PartitionBatch.batches(of: [.playing(seq: 0)], partitions: topology.partitions))
        return try #require(try await consumer.read(partitions: [0], count: 1, block: nil).first)
    }
}
