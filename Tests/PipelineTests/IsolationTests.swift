import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

@Suite(.serialized) struct IsolationTests {
    /// A processor dies of an entry as it would of a crash: it is killed while the entry, alone behind its mark, is written.
    /// - Parameter events: of the entry; one of more than the breaker's limit is set aside all the same.
    @Test(arguments: [1, 300])
    func anEntryThatItsReadersDieOfIsIsolatedAndDeadAfterThreeMarks(events: Int64) async throws {
        // The processor's own reading is the sixth.
        let (playhead, redis, entry) = try await withSuspectEntry((0..<events).map { .playing(seq: $0) }, deliveries: 5)
        #expect(entry.weight == Int(events), "one entry holds them")
        let stream = StreamNames.events(StableHash.partition(ofMember: "m-1", count: 16))

        let watcher = playhead.database.connection("watcher")
        try await watcher.runScript(
            """
            CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
            CREATE TRIGGER linger BEFORE INSERT ON playback_session FOR EACH ROW WHEN (NEW.member_id = 'm-1' AND NEW.session_id = 's-1') EXECUTE FUNCTION linger()
            """)
        let waiting = PostgresStatement(
            name: "waiting", sql: "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'")
        for death in 1...3 {
            let processor = try playhead.start(.processor)
            try await eventually("process \(death) is at the entry") { try await watcher.run(waiting()).int8(0, 0) == 1 }
            processor.process.send(SIGKILL)
            await processor.process.waitUntilExit()
            // PostgreSQL would notice at the end of the statement.
            try await eventually("its backend is gone") {
                try await watcher.runScript(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'")
                return try await watcher.run(waiting()).int8(0, 0) == 0
            }
        }
        try await eventually("all of them count as gone") {
            try await redis.send(RedisCommand("KEYS", "playhead:life:*")).array().isEmpty
        }
        // What stands beside it is applied.
        try await playhead.post([.playing(member: "m-2", seq: 0), .playing(member: "m-1", session: "s-2", seq: 0)])
        _ = try playhead.start(.processor)
        try await playhead.settle()
        let letters = try await DeadLetterStore(connection: watcher).letters(.init(), limit: 10)
        #expect(letters.map(\.letter.reason) == ["3 processors died while they processed this entry alone"])
        #expect(letters.map(\.letter.stream) == [stream])
        #expect(try await playhead.summaries(of: ["m-1", "m-2"]).keys.map(\.sessionId.text).sorted() == ["s-1", "s-2"])
        #expect(try await redis.send(RedisCommand("KEYS", "playhead:{*:isolated:*")).array().isEmpty, "no mark is left")

        // A person finds what it was.
        try await watcher.runScript("DROP TRIGGER linger ON playback_session")
        _ = try await playhead.deadLetters("replay", "--id", "\(try #require(letters.first?.id))")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).count == 2)
    }

    @Test func anIsolatedEntryWhoseWriteFailsIsTriedAgainAfterAPauseAndLeavesNoMark() async throws {
        let (playhead, redis, _) = try await withSuspectEntry([.playing(seq: 0)], deliveries: 10)
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript(
            """
            CREATE SEQUENCE tries;
            CREATE SEQUENCE first_at;
            CREATE SEQUENCE eighth_at;
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE try bigint := nextval('tries'); now_ms bigint := extract(epoch FROM clock_timestamp()) * 1000;
            BEGIN
                IF try = 1 THEN PERFORM setval('first_at', now_ms); END IF;
                IF try = 8 THEN PERFORM setval('eighth_at', now_ms); END IF;
                RAISE 'not now' USING ERRCODE = '53100';
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON playback_session FOR EACH ROW EXECUTE FUNCTION refuse()
            """)
        let processor = try playhead.start(.processor)
        try await eventually("it was tried eight times") { try await marksPlaced(redis) >= 8 }
        // Sequences outlast what is rolled back, and tell the time by no clock of this test, which may stand still.
        let times = PostgresStatement(
            name: "tries",
            sql: "SELECT t.last_value, f.last_value, e.last_value FROM tries AS t, first_at AS f, eighth_at AS e")
        try await eventually("the eighth is refused") { try await administrator.run(times()).int8(0, 2) ?? 0 > 1 }
        let refused = try await administrator.run(times())
        // The shortest that seven pauses of 0.1 s to 2 s can be with their jitter: without them it would be a few milliseconds.
        #expect((refused.int8(0, 2) ?? 0) - (refused.int8(0, 1) ?? 0) > 400)
        let ready = try await HTTP.get(processor.admin() + "/readyz")
        #expect(ready.status == 503 && ready.text.contains("postgres-0") && ready.text.contains("not now"), "\(ready.text)")
        // A stop between attempts leaves no mark that would count against the entry.
        processor.process.send(SIGTERM)
        #expect(await processor.ending().status == 0)
        #expect(try await redis.send(RedisCommand("KEYS", "playhead:{*:isolated:*")).array().isEmpty)

        try await administrator.runScript("DROP TRIGGER refuse ON playback_session")
        _ = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).count == 1)
        #expect(try await DeadLetterStore(connection: administrator).count() == 0)
    }

    /// What an operator does to the database, however long, says nothing about an entry whose readers are killed meanwhile.
    @Test func anEntryWhoseReadersAreKilledWhileTheyWaitForALockIsNotDead() async throws {
        let (playhead, redis, _) = try await withSuspectEntry([.playing(seq: 0)], deliveries: 10)
        let holder = playhead.database.connection("holder")
        for lock in [
            "SELECT pg_advisory_lock(28780, bucket) FROM generate_series(0, 255) AS bucket", "BEGIN; LOCK TABLE playback_session",
            "BEGIN; LOCK TABLE member_state",
        ] {
            try await holder.runScript(lock)
            for _ in 1...4 {
                let processor = try playhead.start(.processor)
                let admin = try await processor.admin()
                try await eventually("it waits") { try await HTTP.get(admin + "/readyz").text.contains("postgres-0: ") }
                processor.process.send(SIGKILL)
                await processor.process.waitUntilExit()
            }
            try await holder.runScript("ROLLBACK; SELECT pg_advisory_unlock_all()")
        }
        #expect(try await marksPlaced(redis) == 0)
        _ = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).count == 1)
        #expect(try await DeadLetterStore(connection: playhead.database.connection()).count() == 0)
    }

    /// An edge with one entry, which a consumer of the name `p` was given so many times and has not acknowledged.
    private func withSuspectEntry(
        _ events: [PlaybackEvent], deliveries: Int
    ) async throws -> (playhead: Playhead, redis: RedisConnection, entry: StreamEntry) {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_REPLICA": "p", "PLAYHEAD_LANES": "1"])
        try await playhead.post(events)
        let redis = playhead.redis.connection()
        let consumer = GroupConsumer(group: "history", name: "p", topology: StreamTopology(partitions: 16), connection: redis)
        try await consumer.join()
        let entry = try #require(try await consumer.read(partitions: Array(0..<16), count: 1, block: nil).first)
        for _ in 1..<deliveries { _ = try await consumer.pending(after: [entry.partition: .zero], count: 1) }
        return (playhead, redis, entry)
    }

    /// Where no compactor runs, SMEMBERS is sent for nothing else.
    private func marksPlaced(_ redis: RedisConnection) async throws -> Int {
        let statistics = try await redis.send(RedisCommand("INFO", "commandstats")).text()
        return statistics.firstMatch(of: /cmdstat_smembers:calls=(\d+)/).flatMap { Int($0.1) } ?? 0
    }

    @Test func anEntryThatWasDeliveredOftenButIsGoodIsAppliedAlone() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_REPLICA": "p"])
        let viewing = Viewing(members: 5, sessions: 1, events: 4)
        try await playhead.post(viewing.events)
        let consumer = GroupConsumer(
            group: "history", name: "p", topology: StreamTopology(partitions: 16), connection: playhead.redis.connection())
        try await consumer.join()
        let beginning = Dictionary(uniqueKeysWithValues: (0..<16).map { ($0, StreamEntryID.zero) })
        let entries = try await consumer.read(partitions: Array(0..<16), count: 10, block: nil)
        for _ in 0..<9 { _ = try await consumer.pending(after: beginning, count: 10) }
        let processor = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        let metrics = try await HTTP.get(processor.admin() + "/metrics").text
        #expect(metrics.contains("playhead_processor_isolated_entries_total \(entries.count).0"))
        #expect(try await DeadLetterStore(connection: playhead.database.connection()).count() == 0)
    }
}
