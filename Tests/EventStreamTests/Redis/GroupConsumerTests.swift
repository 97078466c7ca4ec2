import Batching
import EventStream
import Foundation
import Models
import TestSupport
import Testing
import Wire

@Suite(.serialized) struct GroupConsumerTests {
    private let topology = StreamTopology(partitions: 3)

    @Test func whatIsNotAcknowledgedComesBackToTheSameName() async throws {
        let redis = try await TestRedis()
        let consumer = try await joined(redis, "a")
        try await append(10, to: redis)
        let read = try await consumer.read(partitions: all, count: 100, block: .milliseconds(10))
        #expect(events(of: read).count == 10)
        try await consumer.acknowledge(Array(read.prefix(1)))

        let restarted = try await joined(redis, "a")
        let pending = try await restarted.pending(after: start, count: 100)
        #expect(Set(pending.map(\.id)) == Set(read.dropFirst().map(\.id)))
        try await restarted.acknowledge(pending)
        #expect(try await restarted.pending(after: start, count: 100).isEmpty)
        #expect(try await restarted.read(partitions: all, count: 100, block: .milliseconds(10)).isEmpty)
    }

    @Test func aGroupThatJoinsLateGetsEverything() async throws {
        let redis = try await TestRedis()
        try await append(5, to: redis)
        #expect(events(of: try await joined(redis, "late").read(partitions: all, count: 100, block: .milliseconds(10))).count == 5)
    }

    @Test func consumersShareTheEntries() async throws {
        let redis = try await TestRedis()
        let first = try await joined(redis, "a")
        let second = try await joined(redis, "b")
        try await append(40, to: redis)
        var seen: [[PlaybackEvent]] = [[], []]
        for _ in 0..<20 {
            seen[0] += events(of: try await first.read(partitions: all, count: 1, block: .milliseconds(10)))
            seen[1] += events(of: try await second.read(partitions: all, count: 1, block: .milliseconds(10)))
        }
        #expect(!seen[0].isEmpty && !seen[1].isEmpty)
        #expect((seen[0] + seen[1]).map(\.seq).sorted() == Array(0..<40))
    }

    @Test func entriesOfADeadConsumerAreClaimedOnceTheyAreIdle() async throws {
        let redis = try await TestRedis()
        let dead = try await joined(redis, "dead")
        try await append(7, to: redis)
        #expect(events(of: try await dead.read(partitions: all, count: 100, block: .milliseconds(10))).count == 7)

        let heir = try await joined(redis, "heir")
        #expect(try await claimAll(heir, idleFor: .seconds(600)).isEmpty)
        try await eventually("the entries are idle") {
            try await events(of: claimAll(heir, idleFor: .milliseconds(50), acknowledging: false)).count == 7
        }
        #expect(try await dead.pending(after: start, count: 100).isEmpty)
    }

    @Test func claimingGoesOnToTheEndOfALongList() async throws {
        let redis = try await TestRedis()
        let dead = try await joined(redis, "dead")
        for _ in 0..<50 { try await append(1, to: redis) }
        #expect(try await dead.read(partitions: all, count: 1000, block: .milliseconds(10)).count == 50)
        let heir = try await joined(redis, "heir")
        try await eventually("all are idle, and claimed in one walk") {
            try await claimAll(heir, idleFor: .milliseconds(20), count: 7, acknowledging: false).count == 50
        }
    }

    @Test func anEntryDeletedWhilePendingIsNothingButAcknowledged() async throws {
        let redis = try await TestRedis()
        let consumer = try await joined(redis, "a")
        try await append(1, to: redis)
        let entry = try #require(try await consumer.read(partitions: all, count: 1, block: .milliseconds(10)).first)
        _ = try await redis.connection().send(
            RedisCommand("XDEL", RedisArgument(StreamNames.events(entry.partition)), RedisArgument(entry.id.description)))
        let pending = try await consumer.pending(after: start, count: 10)
        #expect(pending.count == 1)
        guard case .deleted = pending.first?.content else {
            Issue.record("\(pending)")
            return
        }
        try await consumer.acknowledge(pending)
        #expect(try await consumer.pending(after: start, count: 10).isEmpty)
    }

    @Test(arguments: [["b", "garbage"], ["x", "y"], ["b", ""]])
    func anEntryThatNobodyCanReadSaysWhy(fields: [String]) async throws {
        let redis = try await TestRedis()
        let consumer = try await joined(redis, "a")
        _ = try await redis.connection().send(
            RedisCommand(["XADD", RedisArgument(StreamNames.events(0)), "*"] + fields.map { RedisArgument($0) }))
        let entry = try #require(try await consumer.read(partitions: all, count: 10, block: .milliseconds(10)).first)
        var events: [PlaybackEvent] = []
        let refused = entry.decode(into: &events)
        #expect(events.isEmpty && refused.count == 1)
        #expect(refused.first?.reason.isEmpty == false)
        #expect(refused.first?.payload == Array((fields[0] == "b" ? fields[1] : "x=y\n").utf8))
    }

    @Test func aWaitingReadWakesWithTheNextEntry() async throws {
        let redis = try await TestRedis()
        let consumer = try await joined(redis, "a")
        let read = Task { try await consumer.read(partitions: all, count: 100, block: .seconds(60)) }
        try await eventually("the read blocks") {
            try await redis.connection().send(RedisCommand("INFO", "clients")).text().contains("blocked_clients:1")
        }
        let began = ContinuousClock.now
        try await append(1, to: redis)
        #expect(events(of: try await read.value).count == 1)
        #expect(.now - began < .seconds(30))
    }

    @Test func heartbeatsShowTheLiveReplicas() async throws {
        let redis = try await TestRedis()
        let registry = ReplicaRegistry(group: "history", connection: redis.connection())
        #expect(try await registry.live().isEmpty)
        #expect(try await registry.heartbeat(of: "a") == ["a"])
        #expect(try await registry.heartbeat(of: "b") == ["a", "b"])
        #expect(try await ReplicaRegistry(group: "other", connection: redis.connection()).live().isEmpty)
        try await registry.leave("a")
        #expect(try await registry.live() == ["b"])
        // One whose last heartbeat is long past is gone too.
        _ = try await redis.connection().send(RedisCommand("ZADD", "playhead:replicas:history", "1000", "b"))
        #expect(try await registry.live().isEmpty)
    }

    private var all: [Int] { Array(0..<topology.partitions) }
    private var start: [Int: StreamEntryID] { Dictionary(uniqueKeysWithValues: all.map { ($0, .zero) }) }

    private func joined(_ redis: TestRedis, _ name: String) async throws -> GroupConsumer {
        let consumer = GroupConsumer(
            group: "history", name: name, topology: topology, connection: redis.connection(name))
        try await consumer.join()
        return consumer
    }

    /// Events of several members, so of several partitions.
    private func append(_ count: Int, to redis: TestRedis) async throws {
        let appender = StreamAppender(connections: [redis.connection()])
        for seq in 0..<count {
            let event = PlaybackEvent.playing(member: OpaqueID("m-\(seq % 5)"), seq: Int64(seq))
            try await appender.append(PartitionBatch.batches(of: [event], partitions: topology.partitions))
        }
    }

    private func events(of entries: [StreamEntry]) -> [PlaybackEvent] {
        var events: [PlaybackEvent] = []
        for entry in entries { #expect(entry.decode(into: &events).isEmpty) }
        return events
    }

    private func claimAll(
        _ consumer: GroupConsumer, idleFor: Duration, count: Int = 100, acknowledging: Bool = true
    ) async throws -> [StreamEntry] {
        var all: [StreamEntry] = []
        for partition in 0..<topology.partitions {
            var cursor: StreamEntryID? = .zero
            while let from = cursor {
                let (entries, next) = try await consumer.claim(partition: partition, idleFor: idleFor, count: count, from: from)
                if acknowledging { try await consumer.acknowledge(entries) }
                all += entries
                cursor = next
            }
        }
        return all
    }
}
