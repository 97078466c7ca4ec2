import Batching
import EventStream
import Models
import TestSupport
import Testing

@Suite struct GroupRegistryTests {
    private let topology = StreamTopology(partitions: 2)

    /// - Returns: the entry that each event is in.
    private func append(_ seqs: Range<Int64>, to redis: TestRedis) async throws {
        let appender = StreamAppender(connections: [redis.connection()])
        for seq in seqs { try await appender.append(PartitionBatch.batches(of: [.playing(seq: seq)], partitions: topology.partitions)) }
    }

    private func consumer(_ group: String, _ redis: TestRedis, name: String = "c") -> GroupConsumer {
        GroupConsumer(group: group, name: name, topology: topology, connection: redis.connection("consumer"))
    }

    private func read(_ group: String, _ redis: TestRedis) async throws -> [StreamEntry] {
        try await consumer(group, redis).read(partitions: [0, 1], count: 100, block: nil)
    }

    @Test func aNewGroupBeginsWhereItWasToldTo() async throws {
        let redis = try await TestRedis()
        let registry = GroupRegistry(topology: topology, connection: redis.connection())
        #expect(try await registry.required() == ["history"])
        try await append(0..<3, to: redis)
        let before = try #require(try await entries(redis).last)
        // Ids have milliseconds: the next ones are later for certain.
        try await eventually("Redis' clock goes on") { try await redis.connection().clock() > before }
        let time = try await redis.connection().clock()
        try await append(3..<5, to: redis)
        try await registry.create("now", from: nil)
        try await registry.create("since", from: time)
        try await registry.create("all", from: 0)
        #expect(try await registry.required() == ["all", "history", "now", "since"])
        #expect(try await read("now", redis).isEmpty)
        #expect(try await read("since", redis).count == 2)
        #expect(try await read("all", redis).count == 5)
        // What is there stays where it is.
        try await registry.create("since", from: 0)
        #expect(try await read("since", redis).isEmpty)
    }

    @Test func aRetiredGroupHoldsNothingUp() async throws {
        let redis = try await TestRedis()
        let registry = GroupRegistry(topology: topology, connection: redis.connection())
        let trimmer = StreamTrimmer(topology: topology, connection: redis.connection())
        let history = consumer("history", redis)
        try await history.join()
        try await registry.create("analytics", from: 0)
        try await append(0..<4, to: redis)
        try await history.acknowledge(try await read("history", redis))
        #expect(try await trimmer.trim() == 0)
        #expect(try await registry.retire("analytics"))
        #expect(try await registry.required() == ["history"])
        #expect(try await trimmer.trim() == 4)
        #expect(try await !registry.retire("analytics"))
        let error = await #expect(throws: RedisError.self) { try await registry.retire("history") }
        #expect(error?.kind == .configuration)
    }

    @Test func aGroupGetsRetainedEntriesOnceMoreAndNeverSkipsOne() async throws {
        let redis = try await TestRedis()
        let registry = GroupRegistry(topology: topology, connection: redis.connection())
        let history = consumer("history", redis)
        try await history.join()
        try await append(0..<6, to: redis)
        let all = try await history.read(partitions: [0, 1], count: 100, block: nil)
        try await history.acknowledge(Array(all.dropLast(2)))
        // To a time that is yet to come: it would skip what comes until then.
        let later = try await redis.connection().clock() + 3_600_000
        #expect(try await registry.rewind("history", to: later).streams == 0)
        let back = try await registry.rewind("history", to: 0)
        #expect(back.streams == 1 && back.oldestEntryMs == Int64(all[0].id.milliseconds))
        #expect(try await registry.rewind("nobody", to: 0).streams == 0)
        // Nothing is trimmed that it is to have again, and what was pending all the time is among it.
        #expect(try await StreamTrimmer(topology: topology, connection: redis.connection()).trim() == 0)
        let again = try await history.read(partitions: [0, 1], count: 100, block: nil)
        #expect(again.map(\.id) == all.map(\.id))
        try await history.acknowledge(again)
        #expect(
            try await StreamInspector(topology: topology, connection: redis.connection()).partitions(group: "history").allSatisfy {
                $0.pending == 0 && $0.oldestUnappliedAgeMs == nil
            })
    }

    @Test func consumersThatAreGoneAreRemovedUnlessTheyHaveSomethingPending() async throws {
        let redis = try await TestRedis()
        let working = consumer("history", redis, name: "working")
        try await working.join()
        try await append(0..<4, to: redis)
        try await working.acknowledge(try await working.read(partitions: [0, 1], count: 2, block: nil))
        _ = try await consumer("history", redis, name: "pending").read(partitions: [0, 1], count: 1, block: nil)
        let stream = try #require(try await working.read(partitions: [0, 1], count: 1, block: nil).first)
        try await working.acknowledge([stream])
        let dead = DeadConsumers(topology: topology, connection: redis.connection(), idleFor: .zero)
        #expect(
            try await DeadConsumers(topology: topology, connection: redis.connection(), idleFor: .seconds(60)).remove(from: "history") == 0)
        #expect(try await dead.remove(from: "history") > 0)
        #expect(try await names(of: "history", in: stream.partition, redis) == ["pending"])
        #expect(try await dead.remove(from: "nobody") == 0)
        // Who was only slow is there again with its next question.
        #expect(try await working.read(partitions: [0, 1], count: 9, block: nil).count == 0)
    }

    private func entries(_ redis: TestRedis) async throws -> [Int64] {
        var times: [Int64] = []
        for stream in topology.streams {
            for item in try await redis.connection().send(RedisCommand("XRANGE", RedisArgument(stream), "-", "+")).array() {
                times.append(Int64(try StreamEntryID(item.array()[0].text()).milliseconds))
            }
        }
        return times.sorted()
    }

    private func names(of group: String, in partition: Int, _ redis: TestRedis) async throws -> [String] {
        let reply = try await redis.connection().send(
            RedisCommand("XINFO", "CONSUMERS", RedisArgument(StreamNames.events(partition)), RedisArgument(group)))
        return try reply.array().compactMap { try $0.fields()["name"]?.text() }
    }
}

extension RedisConnection {
    /// Redis' clock, in milliseconds since 1970.
    fileprivate func clock() throws -> Int64 {
        let time = try send(RedisCommand("TIME")).array()
        return try Int64(time[0].text())! * 1000 + Int64(time[1].text())! / 1000
    }
}
