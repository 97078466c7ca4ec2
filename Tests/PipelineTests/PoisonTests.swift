import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing
import Wire

@Suite(.serialized) struct PoisonTests {
    @Test func oneRefusedEventAmongAThousandBecomesADeadLetterThatCanBeReplayedOnce() async throws {
        let playhead = try await Playhead([.edge])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript(
            "ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (position_ms <> 666)")
        var viewing = (0..<Int64(999)).map { PlaybackEvent.playing(member: OpaqueID("m-\($0 % 100)"), session: "s", seq: $0 / 100) }
        let bad = PlaybackEvent(
            memberId: "m-7", sessionId: "bad", seq: 0, kind: .start, titleId: "t", positionMs: 666, occurredAt: 1_763_700_000_000)
        viewing.insert(bad, at: 500)
        try await playhead.post(viewing)
        let processor = try playhead.start(.processor)
        try await playhead.settle()

        #expect(try await processor.eventsByOutcome() == ["applied": 999, "dead": 1])
        let letters = try await DeadLetterStore(connection: administrator).letters(.init(), limit: 10)
        let letter = try #require(letters.first?.letter)
        #expect(letters.count == 1)
        #expect(letter.sqlState == "23514" && letter.reason.contains("planted"))
        #expect(letter.key == bad.key)
        #expect(try WireEvents.decode(letter.payload).map(\.positionMs) == [666])

        // Still refused: a replay sets it aside again, as one letter.
        #expect(
            try await playhead.deadLetters("replay", "--all").output.hasPrefix("1 dead letters replayed, 1 events; 0 unreadable ones left"))
        try await playhead.settle()
        #expect(try await DeadLetterStore(connection: administrator).count() == 1)

        try await administrator.runScript("ALTER TABLE playback_session DROP CONSTRAINT planted")
        #expect(try await playhead.deadLetters("replay", "--reason", "planted").output.hasPrefix("1 dead letters replayed"))
        try await playhead.settle()
        #expect(try await DeadLetterStore(connection: administrator).count() == 0)
        #expect(try await playhead.deadLetters("replay", "--all").output.hasPrefix("0 dead letters replayed"))
        let found = try await playhead.summaries(of: (0..<100).map { OpaqueID("m-\($0)") })
        let expected = Dictionary(grouping: viewing, by: \.key).compactMapValues { SessionState.folding($0)?.summary }
        #expect(found == expected)
    }

    /// All thousand in one partition, the refused one amid a session's others.
    @Test func aRefusedEventAmidItsSessionLeavesAGap() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_LANES": "1"])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (position_ms <> 666)")
        let members = (0..<2000).map { OpaqueID("m-\($0)") }.filter { StableHash.partition(ofMember: $0, count: 16) == 3 }
        var viewing = (0..<Int64(999)).map { number in
            PlaybackEvent.playing(member: members[Int(number) % 10], session: "s", seq: number / 10 + (number / 10 >= 50 ? 1 : 0))
        }
        let bad = viewing[500].with {
            $0.seq = 50
            $0.positionMs = 666
        }
        viewing.insert(bad, at: 500)
        try await playhead.post(viewing)
        let processor = try playhead.start(.processor)
        try await playhead.settle()
        // Folded with a later event of its session, it would not be refused; by itself it is.
        let counts = try await processor.eventsByOutcome()
        #expect(counts["applied", default: 0] + counts["dead", default: 0] == 1000 && counts["dead", default: 0] <= 1, "\(counts)")
        let dead = try await DeadLetterStore(connection: administrator).letters(.init(), limit: 10)
        #expect(dead.count == counts["dead", default: 0])
        let counted = dead.isEmpty ? viewing : viewing.filter { $0 != bad }
        let expected = Dictionary(grouping: counted, by: \.key).compactMapValues { SessionState.folding($0)?.summary }
        #expect(try await playhead.summaries(of: Array(members.prefix(10))) == expected)
    }

    @Test func aRowThatAnotherUniqueIndexRefusesBecomesADeadLetterToo() async throws {
        let playhead = try await Playhead([.edge])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("CREATE UNIQUE INDEX planted ON playback_session (title_id)")
        try await playhead.post([.playing(session: "s-1", seq: 0, title: "t"), .playing(session: "s-2", seq: 0, title: "t")])
        _ = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await DeadLetterStore(connection: administrator).letters(.init(), limit: 10).map(\.letter.sqlState) == ["23505"])
        #expect(try await playhead.summaries(of: ["m-1"]).count == 1)
    }

    @Test func aRowThatATriggerKeepsOutIsWaitedForAndNamed() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_LANES": "1"])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript(
            """
            CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER skip BEFORE INSERT ON playback_session FOR EACH ROW EXECUTE FUNCTION skip()
            """)
        try await playhead.post([.playing(seq: 0)])
        let processor = try playhead.start(.processor)
        let admin = try await processor.admin()
        try await eventually("it says why") { try await HTTP.get(admin + "/readyz").text.contains("trigger") }
        try await administrator.runScript("DROP TRIGGER skip ON playback_session")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).count == 1)
    }

    @Test func replayingWhatCountsAlreadyChangesNothing() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let event = PlaybackEvent.playing(seq: 0)
        try await playhead.post([event, .playing(seq: 1)])
        try await playhead.settle()
        let database = playhead.database.connection()
        let revision = PostgresStatement(name: "revision", sql: "SELECT revision FROM playback_session")
        let before = try await database.run(revision()).int8(0, 0)
        let payload = WireEvents.encode([event]).map { String(format: "%02x", $0) }.joined()
        try await database.runScript(
            "INSERT INTO dead_letter (content_hash, stream, entry_id, reason, payload) VALUES ('', 's', '1-0', 'test', '\\x\(payload)')")
        for _ in 0..<2 { #expect(try await playhead.deadLetters("replay", "--all").status == 0) }
        try await playhead.settle()
        #expect(before != nil)
        #expect(try await database.run(revision()).int8(0, 0) == before)
    }

    @Test func anEventOfAnUnknownKindIsSetAsideAndItsNeighboursAreNot() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let good = WireEvents.encode([.playing(seq: 0)])
        var unknown = WireEvents.encode([.playing(session: "s-2", seq: 0)])
        let kindAt = try #require(unknown.firstIndex(of: 0x20)) + 1
        unknown[kindAt] = 9
        let partition = StableHash.partition(ofMember: "m-1", count: 16)
        _ = try await playhead.redis.connection().send(
            RedisCommand(
                "XADD", RedisArgument(StreamNames.events(partition)), "*", "b",
                RedisArgument(good + unknown + WireEvents.encode([.playing(seq: 1)])), "n", "3"))
        try await playhead.settle()
        let letters = try await DeadLetterStore(connection: playhead.database.connection()).letters(.init(), limit: 10)
        #expect(letters.map(\.letter.reason) == ["event 1 has an unknown kind"])
        #expect(letters.map(\.letter.payload) == [unknown])
        #expect(try await playhead.summaries(of: ["m-1"]).values.map(\.positionMs) == [10_000])
        // A version that knows the kind could replay it; this one leaves it where it is.
        let replay = try await playhead.deadLetters("replay", "--all")
        #expect(replay.output.contains("unknown kind; left") && replay.output.contains("0 dead letters replayed"))
        #expect(try await playhead.deadLetters("discard", "--all").output == "1 dead letters discarded\n")
    }

    @Test func anEntryWithAnUnknownKindAndARefusedEventLosesOnlyThose() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (position_ms <> 666)")
        var unknown = WireEvents.encode([.playing(session: "s-2", seq: 0)])
        let kindAt = try #require(unknown.firstIndex(of: 0x20)) + 1
        unknown[kindAt] = 9
        let refused = PlaybackEvent(
            memberId: "m-1", sessionId: "bad", seq: 0, kind: .start, titleId: "t", positionMs: 666, occurredAt: 1_763_700_000_000)
        // Once with a good event beside them, once without.
        for payload in [unknown + unknown + WireEvents.encode([refused, .playing(seq: 0)]), unknown + WireEvents.encode([refused])] {
            _ = try await playhead.redis.connection().send(
                RedisCommand("XADD", RedisArgument(StreamNames.events(3)), "*", "b", RedisArgument(payload), "n", "2"))
        }
        try await playhead.settle()
        let letters = try await DeadLetterStore(connection: administrator).letters(.init(), limit: 10)
        #expect(Set(letters.map(\.letter.reason)).count == letters.count && letters.contains { $0.letter.sqlState == "23514" })
        #expect(
            letters.contains { $0.letter.reason.hasSuffix("unknown kind") } && letters.allSatisfy { !$0.letter.reason.contains("died") })
        #expect(try await playhead.summaries(of: ["m-1"]).keys.map(\.sessionId) == ["s-1"])
        #expect(playhead[.processor].process.isRunning)
    }

    @Test func manyDeadLettersAreListedAndReplayedPageByPage() async throws {
        let playhead = try await Playhead([.processor])
        let database = playhead.database.connection()
        let count = 2 * DeadLetterStore.page + 50
        let events = (0..<count).map { PlaybackEvent.playing(member: OpaqueID("m-\($0 % 7)"), session: OpaqueID("s-\($0)"), seq: 0) }
        try await database.runScript(
            "INSERT INTO dead_letter (content_hash, stream, entry_id, reason, payload) VALUES "
                + events.enumerated().map { number, event in
                    let payload = WireEvents.encode([event]).map { String(format: "%02x", $0) }.joined()
                    return "(sha256('\\x\(payload)'), 'stream', '\(number)-0', 'test', '\\x\(payload)')"
                }.joined(separator: ","))
        let list = try await playhead.deadLetters("list", "--limit", "210").output.split(separator: "\n")
        #expect(list.count == 211 && list.last == "250 dead letters, 210 shown")
        #expect(Set(list.dropLast()).count == 210)
        #expect(try await playhead.deadLetters("list", "--limit", "1000").output.hasSuffix("\n250 dead letters\n"))
        #expect(
            try await playhead.deadLetters("replay", "--all").output == "250 dead letters replayed, 250 events; 0 unreadable ones left\n")
        try await playhead.settle()
        let expected = Dictionary(grouping: events, by: \.key).compactMapValues { SessionState.folding($0)?.summary }
        #expect(try await playhead.summaries(of: (0..<7).map { OpaqueID("m-\($0)") }) == expected)
        #expect(try await playhead.deadLetters("list").output == "0 dead letters\n")
    }

    @Test func whatAMemberWatchedIsShownOnlyWhenAskedFor() async throws {
        let playhead = try await Playhead([.edge, .processor])
        try await playhead.database.connection().runScript(
            "ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (title_id <> 'secret-title')")
        try await playhead.post([.playing(member: "secret-member", seq: 0, title: "secret-title"), .playing(seq: 0)])
        try await playhead.settle()
        for arguments in [["list"], ["show", "1"], ["list", "--member", "secret-member"]] {
            let shown = try await playhead.deadLetters(arguments)
            #expect(shown.status == 0 && shown.output.contains("planted") && !shown.output.contains("secret"), "\(shown)")
        }
        #expect(try await playhead.deadLetters("list", "--payload").output.contains("secret-member"))
        #expect(try await playhead.deadLetters("show", "1", "--payload").output.contains("\"titleId\":\"secret-title\""))
        #expect(try await playhead.deadLetters("list", "--member", "other").output == "0 dead letters\n")
        #expect(try await playhead.deadLetters("list", "--since", "2100-01-01T00:00:00Z").output == "0 dead letters\n")
        #expect(try await playhead.deadLetters("list", "--since", "yesterday").status != 0)
        #expect(try await playhead.deadLetters("show", "99").status != 0)
        #expect(try await playhead.deadLetters("discard").status != 0)
        #expect(try await playhead.deadLetters("discard", "--all", "--id", "1").status != 0)
        #expect(try await playhead.deadLetters("discard", "--id", "99").output == "0 dead letters discarded\n")
        #expect(try await playhead.deadLetters("discard", "--id", "1").output == "1 dead letters discarded\n")
    }
}
