import EventStream
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import Processor

/// In which portions a lane reads a backlog, as after a database that was away for hours: nobody's latest viewing waits for another's.
@Suite(.serialized) struct LaneReaderTests {
    private let redis: TestRedis
    private let connection: RedisConnection

    init() async throws {
        redis = try await TestRedis()
        connection = redis.connection()
    }

    private func reader(batchEvents: Int) async throws -> LaneReader {
        let membership = Membership(replica: "r", partitions: 16)
        membership.update(live: ["r"])
        let reader = LaneReader(
            consumer: GroupConsumer(
                group: "history", name: "r", topology: StreamTopology(partitions: 16), connection: redis.connection("reader")),
            membership: membership, persistence: Persistence(readiness: Readiness(awaiting: []), logger: .silent, lane: 0),
            options: Lane.Options(index: 0, count: 1, batchEvents: batchEvents, claimIdle: .seconds(30)))
        #expect(try await reader.join() == nil)
        return reader
    }

    /// Appends entries that say to hold so many events each.
    private func append(_ entries: Int, to partition: Int, eventsEach: Int = 10) async throws {
        let command = RedisCommand(
            "XADD", RedisArgument(StreamNames.events(partition)), "*", "b", "", "n", RedisArgument(eventsEach))
        for reply in try await connection.send(Array(repeating: command, count: entries)) { #expect(reply.error == nil) }
    }

    private func countByPartition(_ entries: [StreamEntry]) -> [Int: Int] {
        Dictionary(grouping: entries, by: \.partition).mapValues(\.count)
    }

    @Test func aLongBacklogOfOnePartitionKeepsNobodyElseWaiting() async throws {
        let reader = try await reader(batchEvents: 1000)
        try await append(2000, to: 3)
        for partition in [0, 9, 15] { try await append(1, to: partition) }
        let first = countByPartition(try await reader.takeNew())
        #expect(first[0] == 1 && first[9] == 1 && first[15] == 1)
        #expect((100...164).contains(first[3] ?? 0), "a batch of it, and no more: \(first)")
        // What comes in the middle of it is in the next batch.
        try await append(1, to: 9)
        let second = countByPartition(try await reader.takeNew())
        #expect(second[9] == 1 && second[3] ?? 0 >= 100)
    }

    @Test func partitionsWithABacklogTakeTurns() async throws {
        let reader = try await reader(batchEvents: 1000)
        let deep = [2, 5, 11]
        for partition in deep { try await append(1000, to: partition) }
        var favoured: [Int] = []
        for _ in 0..<6 {
            let counts = countByPartition(try await reader.takeNew())
            #expect(Set(counts.keys) == Set(deep), "each moves on with each batch")
            favoured.append(try #require(counts.max { $0.value < $1.value }).key)
        }
        #expect(Set(favoured[..<3]) == Set(deep) && Set(favoured[3...]) == Set(deep), "\(favoured)")
    }

    @Test func aBacklogIsReadToItsEndAndEveryEntryOnce() async throws {
        let reader = try await reader(batchEvents: 1000)
        for partition in 0..<16 { try await append(100 + partition, to: partition) }
        var seen: Set<String> = []
        var taken = 0
        while taken < 16 * 100 + 120 {
            let entries = try await reader.takeNew()
            try #require(!entries.isEmpty)
            // What is read at last may exceed the limit.
            #expect(entries.count < 100 + 64)
            taken += entries.count
            for entry in entries { seen.insert("\(entry.partition) \(entry.id)") }
            await reader.acknowledgeWithNextRead(entries)
        }
        #expect(seen.count == taken && taken == 16 * 100 + 120)
        try await reader.acknowledgeDone()
        for partition in 0..<16 {
            let pending = try await connection.send(RedisCommand("XPENDING", RedisArgument(StreamNames.events(partition)), "history"))
            #expect(try pending.array()[0].integer() == 0)
        }
    }
}
