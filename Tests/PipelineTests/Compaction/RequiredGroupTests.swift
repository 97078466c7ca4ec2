import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

/// Consumer groups beside the one that writes history, and entries that all of them are done with.
@Suite(.serialized) struct RequiredGroupTests {
    private static let topology = StreamTopology(partitions: 16)

    private func entries(_ playhead: Playhead) async throws -> Int64 {
        let inspector = StreamInspector(topology: Self.topology, connection: playhead.redis.connection("entries"))
        return try await inspector.partitions(group: "history").reduce(0) { $0 + $1.length }
    }

    @Test func aStoppedGroupLosesNothingAndIsNamedWhenRedisFillsUp() async throws {
        let playhead = try await Playhead(settings: ["PLAYHEAD_TRIM_INTERVAL_MS": "20", "PLAYHEAD_STREAM_RETENTION": "0s"])
        let redis = playhead.redis.connection()
        #expect(try await playhead.run("groups", "create", "analytics").status == 0)
        let viewing = Viewing(members: 20, sessions: 2, events: 20)
        try await playhead.post(viewing.events)
        try await playhead.settle()
        #expect(try await entries(playhead) > 0)
        let listed = try await playhead.run("groups").output
        #expect(listed.contains("analytics") && listed.contains("history"))

        let admin = try await playhead[.compactor].admin()
        try await eventually("the compactor names the group") {
            // Redis is at four fifths of what it may have; the edge spools from 85 % on. What it uses changes a little by itself.
            let used = try #require(try await RedisMemory(over: redis).known?.used)
            _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", RedisArgument(used * 5 / 4)))
            let ready = try await HTTP.get(admin + "/readyz")
            guard ready.status == 200, ready.text.contains("group analytics keeps entries") else { return false }
            return try await playhead.run("status").output.contains("playhead groups retire analytics")
        }
        #expect(try await playhead[.compactor].metric("playhead_compactor_group_pins_memory{group=\"analytics\"}") == 1)
        #expect(try await playhead[.compactor].metric("playhead_compactor_group_pins_memory{group=\"history\"}") == 0)
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))

        // It comes back, and has missed nothing.
        let analytics = GroupConsumer(group: "analytics", name: "late", topology: Self.topology, connection: redis)
        var found: Set<String> = []
        while true {
            let read = try await analytics.read(partitions: Array(0..<16), count: 100, block: .milliseconds(10))
            if read.isEmpty { break }
            for entry in read { for event in events(of: entry) { found.insert("\(event.sessionId) \(event.seq)") } }
            try await analytics.acknowledge(read)
        }
        #expect(found == Set(viewing.events.map { "\($0.sessionId) \($0.seq)" }))
        try await eventually("all entries are trimmed") { try await entries(playhead) == 0 }

        try await playhead.post(viewing.events)
        try await playhead.settle()
        #expect(try await entries(playhead) > 0)
        #expect(try await playhead.run("groups", "retire", "history").status != 0)
        let served = try await playhead.run("groups", "retire", "analytics")
        #expect(served.status == 0, "\(served.output)")
        try await eventually("all entries are trimmed") { try await entries(playhead) == 0 }
    }

    @Test func retainedEntriesAreAppliedAgainToADatabaseThatLostThem() async throws {
        let playhead = try await Playhead()
        let viewing = Viewing(members: 10, sessions: 2, events: 10)
        try await playhead.post(viewing.events)
        try await playhead.settle()
        #expect(try await entries(playhead) > 0, "ten minutes are kept")
        // As after a failover to a standby that had nothing of it: every connection is lost, and so are the rows.
        try await playhead.database.connection().runScript(
            """
            DELETE FROM playback_session;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
        #expect(try await playhead.summaries(of: viewing.members).isEmpty)
        let replay = try await playhead.run("replay", "--since", "5m")
        #expect(replay.status == 0 && replay.output.contains("group history goes back"), "\(replay.output)")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        // And to one that lost nothing: nothing counts twice.
        #expect(try await playhead.run("replay", "--since", "5m").status == 0)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        #expect(try await playhead.run("replay", "--since", "2999-01-01T00:00:00Z").errors.contains("yet to come"))
        #expect(try await playhead.run("replay", "--since", "5m", "--group", "nobody").status != 0)
    }

    private func events(of entry: StreamEntry) -> [PlaybackEvent] {
        var events: [PlaybackEvent] = []
        _ = entry.decode(into: &events)
        return events
    }
}
