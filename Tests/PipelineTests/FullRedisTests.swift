import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

/// A Redis at its `maxmemory` takes nothing new, but still gives away what it has: only reading it empties it.
@Suite(.serialized) struct FullRedisTests {
    @Test func aProcessorThatStartsWhileRedisIsFullDrainsIt() async throws {
        let playhead = try await Playhead([.edge])
        let redis = playhead.redis.connection()
        try await GroupConsumer(group: "history", name: "earlier", topology: StreamTopology(partitions: 16), connection: redis).join()
        let viewing = Viewing(members: 20, sessions: 1, events: 20)
        try await playhead.post(viewing.events)
        try await fill(redis)
        _ = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func aBreakerThatOpenedBeforeRedisWasFullCloses() async throws {
        let playhead = try await Playhead([.edge, .processor], settings: ["PLAYHEAD_LANES": "1"])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT wrong CHECK (false) NOT VALID")
        let viewing = Viewing(members: 60, sessions: 2, events: 10)
        try await playhead.post(viewing.events)
        let admin = try await playhead[.processor].admin()
        try await eventually("the breaker opens") { try await HTTP.get(admin + "/readyz").text.contains("poison: ") }
        try await fill(playhead.redis.connection())
        try await administrator.runScript("ALTER TABLE playback_session DROP CONSTRAINT wrong")
        try await playhead.settle()
        try await eventually("it is ready again") { try await HTTP.get(admin + "/readyz").status == 200 }
    }

    private func fill(_ redis: RedisConnection) async throws {
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
        let refused = try await redis.send([RedisCommand("SET", "anything", "1")])
        try #require(refused[0].error?.kind == .server(code: "OOM"))
    }
}
