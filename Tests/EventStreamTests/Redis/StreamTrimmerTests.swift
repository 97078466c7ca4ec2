import Batching
import EventStream
import Foundation
import Models
import TestSupport
import Testing

@Suite(.serialized) struct StreamTrimmerTests {
    private let topology = StreamTopology(partitions: 1)

    @Test func onlyWhatEveryRequiredGroupHasAcknowledgedGoes() async throws {
        let redis = try await TestRedis()
        let trimmer = StreamTrimmer(topology: topology, connection: redis.connection())
        let history = try await joined(redis, group: "history")
        let analytics = try await joined(redis, group: "analytics")
        for seq in 0..<Int64(10) { try await append(seq, to: redis) }
        #expect(try await trimmer.trim() == 0)

        let read = try await history.read(partitions: [0], count: 10, block: .milliseconds(10))
        try await history.acknowledge(read.filter { $0.id != read[3].id })
        #expect(try await trimmer.trim() == 0, "analytics has read nothing")

        let other = try await analytics.read(partitions: [0], count: 6, block: .milliseconds(10))
        try await analytics.acknowledge(other)
        #expect(try await trimmer.trim() == 3, "entry 3 is pending in history")
        try await history.acknowledge([read[3]])
        try await analytics.acknowledge(try await analytics.read(partitions: [0], count: 10, block: .milliseconds(10)))
        #expect(try await trimmer.trim() == 7)
        #expect(try await length(redis) == 0)
    }

    @Test func aStreamWithoutARequiredGroupIsLeftAlone() async throws {
        let redis = try await TestRedis()
        let trimmer = StreamTrimmer(topology: topology, connection: redis.connection())
        #expect(try await trimmer.trim() == 0)
        let history = try await joined(redis, group: "history")
        for seq in 0..<Int64(5) { try await append(seq, to: redis) }
        try await history.acknowledge(try await history.read(partitions: [0], count: 10, block: .milliseconds(10)))
        _ = try await redis.connection().send(RedisCommand("SADD", "playhead:groups", "not-made-yet"))
        #expect(try await trimmer.trim() == 0)
        #expect(try await length(redis) == 5)
    }

    @Test func whatHistoryHasNotReadStaysEvenWhereNobodyRequiresHistory() async throws {
        let redis = try await TestRedis()
        let trimmer = StreamTrimmer(topology: topology, connection: redis.connection())
        // Another group is there first, has acknowledged everything, and stands alone in the set.
        try await append(0, to: redis)
        let analytics = try await joined(redis, group: "analytics")
        try await analytics.acknowledge(try await analytics.read(partitions: [0], count: 10, block: .milliseconds(10)))
        #expect(try await trimmer.trim() == 0)
        _ = try await joined(redis, group: "history")
        _ = try await redis.connection().send(RedisCommand("SREM", "playhead:groups", "history"))
        #expect(try await trimmer.trim() == 0)
        #expect(try await length(redis) == 1)
    }

    @Test func aGroupThatNobodyRequiresPinsNothing() async throws {
        let redis = try await TestRedis()
        let trimmer = StreamTrimmer(topology: topology, connection: redis.connection())
        let history = try await joined(redis, group: "history")
        _ = try await redis.connection().send(RedisCommand("XGROUP", "CREATE", RedisArgument(StreamNames.events(0)), "curious", "0"))
        for seq in 0..<Int64(5) { try await append(seq, to: redis) }
        try await history.acknowledge(try await history.read(partitions: [0], count: 10, block: .milliseconds(10)))
        #expect(try await trimmer.trim() == 5)
    }

    @Test func whatNobodyNeedsIsKeptForAWhileUnlessRedisFillsUp() async throws {
        let redis = try await TestRedis()
        let history = try await joined(redis, group: "history")
        for seq in 0..<Int64(5) { try await append(seq, to: redis) }
        try await history.acknowledge(try await history.read(partitions: [0], count: 10, block: .milliseconds(10)))
        let keeping = StreamTrimmer(topology: topology, connection: redis.connection(), retention: .seconds(60), memoryWatermark: 50)
        #expect(try await keeping.trim() == 0)
        #expect(try await StreamTrimmer(topology: topology, connection: redis.connection(), retention: .milliseconds(1)).trim() == 5)

        for seq in 5..<Int64(9) { try await append(seq, to: redis) }
        try await history.acknowledge(try await history.read(partitions: [0], count: 3, block: .milliseconds(10)))
        #expect(try await keeping.trim() == 0)
        let used = try #require(try await RedisMemory(over: redis.connection()).known?.used)
        _ = try await redis.connection().send(RedisCommand("CONFIG", "SET", "maxmemory", RedisArgument(used * 3 / 2)))
        #expect(try await keeping.trim() == 3, "one is unread")
    }

    @Test func theOldestUnappliedAgeCountsUnreadAndPendingEntries() async throws {
        let redis = try await TestRedis()
        let inspector = StreamInspector(topology: topology, connection: redis.connection())
        try await append(0, to: redis)
        #expect(try await inspector.partitions(group: "history")[0].lacksGroup)
        #expect(try await inspector.partitions(group: "history")[0].oldestUnappliedAgeMs != nil)

        let history = try await joined(redis, group: "history")
        let read = try await history.read(partitions: [0], count: 10, block: .milliseconds(10))
        let pending = try await inspector.partitions(group: "history")[0]
        #expect(pending.pending == 1 && pending.length == 1 && pending.oldestUnappliedAgeMs != nil && !pending.lacksGroup)
        try await history.acknowledge(read)
        let settled = try await inspector.partitions(group: "history")[0]
        #expect(settled.pending == 0 && settled.length == 1 && settled.oldestUnappliedAgeMs == nil)
        try await append(1, to: redis)
        #expect(try await inspector.partitions(group: "history")[0].oldestUnappliedAgeMs != nil)
    }

    @Test func servicesThatDisagreeOnThePartitionsAreToldSo() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        try await StreamTopology(partitions: 8).agree(over: connection)
        try await StreamTopology(partitions: 8).agree(over: connection)
        let error = await #expect(throws: RedisError.self) { try await StreamTopology(partitions: 16).agree(over: connection) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("16") == true && error?.message.contains("8") == true)
    }

    private func joined(_ redis: TestRedis, group: String) async throws -> GroupConsumer {
        let consumer = GroupConsumer(
            group: group, name: "c", topology: topology, connection: redis.connection("consumer"))
        try await consumer.join()
        return consumer
    }

    private func append(_ seq: Int64, to redis: TestRedis) async throws {
        let appender = StreamAppender(connections: [redis.connection()])
        try await appender.append(PartitionBatch.batches(of: [.playing(seq: seq)], partitions: topology.partitions))
    }

    private func length(_ redis: TestRedis) async throws -> Int64 {
        try await redis.connection().send(RedisCommand("XLEN", RedisArgument(StreamNames.events(0)))).integer()
    }
}
