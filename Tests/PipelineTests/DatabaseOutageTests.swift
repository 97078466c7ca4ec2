import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

/// PostgreSQL is away for long: the streams take what comes, after them the spool, and nobody is needed when it is back.
@Suite(.serialized) struct DatabaseOutageTests {
    private let spools: TemporaryFolder

    init() throws {
        spools = try TemporaryFolder()
    }

    @Test func theStreamsAbsorbThenTheSpoolAndAllIsAppliedWithoutHelp() async throws {
        let playhead = try await Playhead(
            [.edge, .processor, .compactor],
            settings: [
                "PLAYHEAD_SPOOL_DIR": spools.url.path, "PLAYHEAD_REDIS_MEMORY_WATERMARK": "50", "PLAYHEAD_MEMBER_EVENTS_PER_SECOND": "0",
                "PLAYHEAD_CLAIM_IDLE_MS": "500",
            ])
        let redis = playhead.redis.connection()
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "8mb"))
        var accepted = Viewing(members: 20, sessions: 1, events: 10).events
        try await playhead.post(accepted)
        try await playhead.settle()

        // A lane has taken something when the database goes.
        let gate = playhead.database.connection()
        try await gate.runScript("BEGIN; LOCK TABLE playback_session")
        let taken = PlaybackEvent.playing(member: "taken", seq: 0)
        try await playhead.post([taken])
        accepted.append(taken)
        try await eventually("it is taken") { try await !deliveriesOfPending(redis).isEmpty }

        // It cannot be said to the database itself.
        let elsewhere = try await TestDatabase()
        let administrator = elsewhere.connection()
        let name = try #require(playhead.database.url.split(separator: "/").last)
        try await administrator.runScript(
            """
            ALTER DATABASE \(name) ALLOW_CONNECTIONS false;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'
            """)
        var places: [String] = []
        var seq: Int64 = 0
        while try await !playhead.readiness().text.contains("must be below") {
            let events = (0..<20).flatMap { member in
                (seq..<seq + 50).map { PlaybackEvent.playing(member: OpaqueID("late-\(member)"), seq: $0) }
            }
            places.append(try await playhead.place(of: events))
            accepted += events
            seq += 50
        }
        #expect(places.contains("stream"), "the streams absorb before the spool does: \(places)")
        let last = PlaybackEvent.playing(member: "late-0", seq: seq)
        #expect(try await playhead.place(of: [last]) == "spool")
        accepted.append(last)
        let admin = try await playhead[.processor].admin()
        try await eventually("the processor says why") {
            let ready = try await HTTP.get(admin + "/readyz")
            return ready.status == 503 && ready.text.contains("postgres")
        }
        // Lanes wait with what they have taken: attempts are not deliveries, so nothing ever comes near being set aside. An answer of Redis that
        // was late is asked for once more.
        let deliveries = try await deliveriesOfPending(redis)
        #expect(!deliveries.isEmpty && deliveries.allSatisfy { $0 <= 2 }, "\(deliveries)")

        try await administrator.runScript("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
        let newest = PlaybackEvent.playing(member: "newest", seq: 0)
        _ = try await playhead.place(of: [newest])
        accepted.append(newest)
        try await playhead.settle()
        let expected = Dictionary(grouping: accepted, by: \.key).compactMapValues { SessionState.folding($0)?.summary }
        #expect(try await playhead.summaries(of: Array(Set(accepted.map(\.memberId)))) == expected)
        #expect(try await DeadLetterStore(connection: playhead.database.connection()).count() == 0)
        try await eventually("the edge is ready, and uses the streams again") {
            guard try await playhead.readiness().text == "ready\n" else { return false }
            return (try? await playhead.place(of: [newest])) == "stream"
        }
    }

    /// A partition with a long backlog, in small batches, and a member of another one of the same lane.
    @Test func whoCameLastIsNotServedLast() async throws {
        let playhead = try await Playhead(
            [.edge, .processor], settings: ["PLAYHEAD_MEMBER_EVENTS_PER_SECOND": "0", "PLAYHEAD_BATCH_EVENTS": "256"])
        let names = (0...).lazy.map { OpaqueID("m-\($0)") }
        let many = try #require(names.first { StableHash.partition(ofMember: $0, count: 16) == 0 })
        let newest = try #require(names.first { StableHash.partition(ofMember: $0, count: 16) == 2 })
        let backlog = (0..<30_000).map { PlaybackEvent.playing(member: many, session: OpaqueID("s-\($0)"), seq: 0) }

        let gate = playhead.database.connection()
        try await gate.runScript("BEGIN; LOCK TABLE playback_session")
        try await playhead.post(backlog)
        try await playhead.post([.playing(member: newest, seq: 0)])
        try await gate.runScript("COMMIT")
        try await playhead.settle()
        // Revisions rise in the order of writing.
        let served = PostgresStatement(
            name: "served_before",
            sql: """
                SELECT count(*) FROM playback_session
                WHERE member_id = $1 AND revision < (SELECT revision FROM playback_session WHERE member_id = $2)
                """)
        let before = try await gate.run(served(.text(many.text), .text(newest.text))).int8(0, 0)
        #expect(try await playhead.summaries(of: [newest]).count == 1)
        #expect(try #require(before) < backlog.count / 2, "of the backlog was served first")
    }

    /// How often each pending entry was delivered.
    private func deliveriesOfPending(_ redis: RedisConnection) async throws -> [Int64] {
        var deliveries: [Int64] = []
        for partition in 0..<16 {
            let reply = try await redis.send(
                RedisCommand("XPENDING", RedisArgument(StreamNames.events(partition)), "history", "-", "+", "10000"))
            deliveries += try reply.array().map { try $0.array()[3].integer() }
        }
        return deliveries
    }
}
