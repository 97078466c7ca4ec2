import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

/// What is committed is announced, whatever comes between the two.
@Suite(.serialized) struct AnnouncementTests {
    private func announced(_ playhead: Playhead) async throws -> [HistoryChange] {
        let topology = StreamTopology(partitions: 16)
        let reader = ChangeReader(topology: topology, connection: playhead.redis.connection("feed"))
        let found = try await reader.read(after: Array(repeating: .zero, count: 16), count: 1000, block: .milliseconds(1))
        return found.flatMap { $0.changes.map(\.change) }
    }

    @Test func aProcessorThatDiesBetweenCommitAndAnnouncementLeavesItToTheNext() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_REPLICA": "same", "PLAYHEAD_CLAIM_IDLE_MS": "500"])
        let processor = try playhead.start(.processor)
        try await processor.untilReady()
        let gate = playhead.database.connection("gate")
        try await gate.runScript("BEGIN; LOCK TABLE playback_session")
        try await playhead.post([.playing(seq: 0), .playing(seq: 1)])
        let observer = playhead.database.connection("observer")
        try await eventually("the processor waits to write") {
            let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'playback_session'::regclass"
            return try await observer.run(PostgresStatement(name: "waiting", sql: waiting)()).int8(0, 0) ?? 0 > 0
        }
        let redis = playhead.redis.connection("operator")
        _ = try await redis.send(RedisCommand("CLIENT", "PAUSE", "60000", "WRITE"))
        try await gate.runScript("COMMIT")
        try await eventually("it is committed") {
            try await observer.run(PostgresStatement(name: "rows", sql: "SELECT count(*) FROM playback_session")()).int8(0, 0) == 1
        }
        processor.process.send(SIGKILL)
        await processor.process.waitUntilExit()
        _ = try await redis.send(RedisCommand("CLIENT", "UNPAUSE"))
        #expect(try await announced(playhead).isEmpty, "nobody has announced it yet")

        _ = try playhead.start(.processor)
        try await playhead.settle()
        let changes = try await announced(playhead)
        let positions = changes.compactMap { change in if case .session(_, let summary) = change.content { summary.positionMs } else { nil }
        }
        #expect(positions == [10_000])
    }

    @Test func aFullRedisHasItAnnouncedLater() async throws {
        let playhead = try await Playhead([.edge, .compactor])
        let redis = playhead.redis.connection("operator")
        try await GroupConsumer(group: "history", name: "earlier", topology: StreamTopology(partitions: 16), connection: redis).join()
        try await playhead.post((0..<20).map { .playing(member: OpaqueID("m-\($0)"), seq: 0) })
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
        _ = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await announced(playhead).isEmpty)
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
        try await eventually("all of it") { try await Set(announced(playhead).map(\.memberId)).count == 20 }
    }
}
