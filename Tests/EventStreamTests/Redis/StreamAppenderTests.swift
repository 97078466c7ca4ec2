import Batching
import Foundation
import Models
import TestSupport
import Testing
import Wire

@testable import EventStream

@Suite(.serialized) struct StreamAppenderTests {
    private let topology = StreamTopology(partitions: 4)

    @Test func everyRequestIsInTheStreamsOnceWhenItIsAnswered() async throws {
        let redis = try await TestRedis()
        let appender = StreamAppender(connections: [redis.connection("a"), redis.connection("b")])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in 0..<300 {
                group.addTask {
                    let events = (0..<Int64(5)).map { PlaybackEvent.playing(member: OpaqueID("m-\(member)"), seq: $0) }
                    try await appender.append(PartitionBatch.batches(of: events, partitions: topology.partitions))
                }
            }
            try await group.waitForAll()
        }
        var seen: [SessionKey: [Int64]] = [:]
        for (partition, entries) in try await entries(in: redis) {
            for events in entries {
                #expect(events.count <= PartitionBatch.maximalEvents)
                for event in events {
                    #expect(StableHash.partition(ofMember: event.memberId, count: 4) == partition)
                    seen[event.key, default: []].append(event.seq)
                }
            }
        }
        #expect(seen.count == 300)
        #expect(seen.values.allSatisfy { $0 == [0, 1, 2, 3, 4] })
    }

    @Test func requestsThatComeTogetherShareEntries() async throws {
        let redis = try await TestRedis()
        let appender = StreamAppender(connections: [redis.connection()])
        _ = try await redis.connection().send(RedisCommand("PING"))
        redis.server.hang()
        let first = request(appender, 0..<1)
        try await eventually("it is under way") { appender.openRequests == 1 && appender.waitingEvents == 0 }
        let requests = (1..<200).map { request(appender, $0..<$0 + 1) }
        try await eventually("all others wait") { appender.waitingEvents == 199 }
        redis.server.continueAfterHang()
        for request in [first] + requests { try await request.value }
        let counts = try await entries(in: redis).flatMap { $0.value.map(\.count) }.sorted()
        #expect(counts == [1, 199])
    }

    @Test func aSecondWriteGoesOutBesideTheFirstOnceEnoughWaits() async throws {
        let redis = try await TestRedis()
        let appender = StreamAppender(connections: [redis.connection("a"), redis.connection("b")])
        // Both connections are there, and then the server hangs.
        try await request(appender, 0..<400).value
        redis.server.hang()
        let first = request(appender, 0..<1)
        try await eventually("it is under way") { appender.openRequests == 1 && appender.waitingEvents == 0 }
        let second = request(appender, 1..<2)
        try await eventually("one more waits, as it is not worth a write") { appender.waitingEvents == 1 }
        let third = request(appender, 2..<202)
        try await eventually("together they are") { appender.openRequests == 3 && appender.waitingEvents == 0 }
        redis.server.continueAfterHang()
        for request in [first, second, third] { try await request.value }
        let counts = try await entries(in: redis).flatMap { $0.value.map(\.count) }
        #expect(counts == [400, 1, 201])
    }

    /// Sends events of one member in a request of their own.
    private func request(_ appender: StreamAppender, _ seqs: Range<Int>) -> Task<Void, any Error> {
        let events = seqs.map { PlaybackEvent.playing(member: "m-1", seq: Int64($0)) }
        return Task { try await appender.append(PartitionBatch.batches(of: events, partitions: topology.partitions)) }
    }

    @Test func whenRedisIsGoneTheRequestFailsAndLaterOnesWork() async throws {
        let folder = try TemporaryFolder()
        let redis = try await TestRedis(keepingDataIn: folder)
        let appender = StreamAppender(connections: [redis.connection()])
        let batches = PartitionBatch.batches(of: [.playing(seq: 0)], partitions: topology.partitions)
        try await appender.append(batches)
        await redis.server.crash()
        await #expect(throws: RedisError.self) { try await appender.append(batches) }

        let again = try await TestRedis(keepingDataIn: folder)
        try await eventually("events are taken again") { (try? await appender.append(batches)) != nil }
        // What was answered before the crash is there: the append-only file is synced before each answer.
        #expect(try await entries(in: again).flatMap(\.value).count >= 2)
    }

    @Test func anEntryThatRedisRefusesFailsItsRequestsOnly() async throws {
        let redis = try await TestRedis()
        let appender = StreamAppender(connections: [redis.connection()])
        let refused = StableHash.partition(ofMember: "m-1", count: 4)
        let other = try #require((0..<100).map { OpaqueID("n-\($0)") }.first { StableHash.partition(ofMember: $0, count: 4) != refused })
        _ = try await redis.connection().send(RedisCommand("SET", RedisArgument(StreamNames.events(refused)), "not a stream"))
        await #expect(throws: RedisError.self) {
            try await appender.append(PartitionBatch.batches(of: [.playing(member: "m-1", seq: 0)], partitions: topology.partitions))
        }
        try await appender.append(PartitionBatch.batches(of: [.playing(member: other, seq: 0)], partitions: topology.partitions))
    }

    @Test func moreThanMayWaitIsRefused() async throws {
        let redis = try await TestRedis()
        let appender = StreamAppender(connections: [redis.connection()], maximalWaitingBytes: 100)
        redis.server.hang()
        let first = request(appender, 0..<1)
        try await eventually("the first is under way") { appender.openRequests == 1 && appender.waitingEvents == 0 }
        let second = request(appender, 1..<4)
        try await eventually("the second waits") { appender.waitingEvents == 3 }
        await #expect(throws: CommitFailure.self) {
            try await appender.append(PartitionBatch.batches(of: [.playing(seq: 4)], partitions: topology.partitions))
        }
        redis.server.continueAfterHang()
        try await first.value
        try await second.value
    }

    /// The events of every entry, by partition.
    private func entries(in redis: TestRedis) async throws -> [Int: [[PlaybackEvent]]] {
        var found: [Int: [[PlaybackEvent]]] = [:]
        for partition in 0..<topology.partitions {
            let reply = try await redis.connection().send(RedisCommand("XRANGE", RedisArgument(StreamNames.events(partition)), "-", "+"))
            for entry in try reply.array() {
                let fields = try entry.array()[1].fields()
                let events = try WireEvents.decode(#require(fields["b"]).bytes())
                #expect(try fields["n"]?.text() == String(events.count))
                found[partition, default: []].append(events)
            }
        }
        return found
    }
}
