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

        #expect(try await events(processor) == ["applied": 999, "dead": 1])
        let letters = try await DeadLetterStore(connection: administrator).letters(.init(), limit: 10)
        let letter = try #require(letters.first?.letter)
        #expect(letters.count == 1)
        #expect(letter.sqlState == "23514" && letter.reason.contains("planted"))
        #expect(letter.key == bad.key)
        #expect(try WireEvents.decode(letter.payload).map(\.positionMs) == [666])

        // Still refused: a replay sets it aside again, as one letter.
        #expect(try run(playhead, "replay", "--all").output.hasPrefix("1 dead letters replayed, 1 events; 0 left"))
        try await playhead.settle()
        #expect(try await DeadLetterStore(connection: administrator).count() == 1)

        try await administrator.runScript("ALTER TABLE playback_session DROP CONSTRAINT planted")
        #expect(try run(playhead, "replay", "--reason", "planted").output.hasPrefix("1 dead letters replayed"))
        try await playhead.settle()
        #expect(try await DeadLetterStore(connection: administrator).count() == 0)
        #expect(try run(playhead, "replay", "--all").output.hasPrefix("0 dead letters replayed"))
        let found = try await playhead.summaries(of: (0..<100).map { OpaqueID("m-\($0)") })
        let expected = Dictionary(grouping: viewing, by: \.key).compactMapValues { SessionState.folding($0)?.summary }
        #expect(found == expected)
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
        let replay = try run(playhead, "replay", "--all")
        #expect(replay.output.contains("unknown kind; left") && replay.output.contains("0 dead letters replayed"))
        #expect(try run(playhead, "discard", "--all").output == "1 dead letters discarded\n")
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

    /// More than two hundred, but fewer than one in a hundred: what the breaker is not for.
    @Test func aLittlePoisonInEveryEntryOfALongBacklogIsSetAside() async throws {
        let playhead = try await Playhead([.edge])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (position_ms <> 666)")
        let members = (0..<64).map { OpaqueID("m-\($0)") }
        for member in members {
            var events = (0..<Int64(396)).map { PlaybackEvent.playing(member: member, session: "s", seq: $0) }
            for number in 0..<4 {
                events.append(
                    PlaybackEvent(
                        memberId: member, sessionId: OpaqueID("bad-\(number)"), seq: 0, kind: .start, titleId: "t", positionMs: 666,
                        occurredAt: 1_763_700_000_000))
            }
            try await playhead.post(events)
        }
        let processor = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await events(processor) == ["applied": 64 * 396, "dead": 64 * 4])
        #expect(try await HTTP.get(processor.admin() + "/readyz").status == 200)
        #expect(try await playhead.summaries(of: members).count == 64)
    }

    @Test func moreThanAFifthStopsTheTakingEvenInSmallBatches() async throws {
        let playhead = try await Playhead([.edge, .processor], settings: ["PLAYHEAD_LANES": "1"])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (position_ms <> 666)")
        let admin = try await playhead[.processor].admin()
        // 23 of 100, 1,500 events in small requests.
        var dead: Int64 = 0
        for number in 0..<Int64(1500) where try await HTTP.get(admin + "/readyz").status == 200 {
            let isBad = number * 23 / 100 != (number + 1) * 23 / 100
            try await playhead.post([
                PlaybackEvent(
                    memberId: "m-1", sessionId: OpaqueID("s-\(number)"), seq: 0, kind: .start, titleId: "t", positionMs: isBad ? 666 : 1,
                    occurredAt: 1_763_700_000_000)
            ])
            dead += isBad ? 1 : 0
        }
        try await eventually("the breaker is open") { try await HTTP.get(admin + "/readyz").text.contains("poison") }
        #expect(dead >= 200)
        #expect((200...220).contains(try await DeadLetterStore(connection: administrator).count()))
    }

    @Test func aDatabaseThatRefusesEverythingStopsTheTakingInsteadOfFillingTheDeadLetters() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT wrong CHECK (position_ms < 0) NOT VALID")
        let viewing = Viewing(members: 60, sessions: 2, events: 10)
        try await playhead.post(viewing.events)
        let admin = try await playhead[.processor].admin()
        try await eventually("the breaker opens and says why") {
            let ready = try await HTTP.get(admin + "/readyz")
            return ready.status == 503 && ready.text.contains("poison: more than 200 of the last 1000 events")
                && ready.text.contains("wrong")
        }
        #expect(try await HTTP.get(admin + "/metrics").text.contains("playhead_processor_poison_breaker_open 1"))
        #expect(try await DeadLetterStore(connection: administrator).count() <= 200)

        try await administrator.runScript("ALTER TABLE playback_session DROP CONSTRAINT wrong")
        try await playhead.settle()
        try await eventually("ready again") { try await HTTP.get(admin + "/readyz").status == 200 }
        #expect(try await HTTP.get(admin + "/metrics").text.contains("playhead_processor_poison_breaker_open 0"))
        _ = try run(playhead, "replay", "--all")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    /// A processor dies of an entry as it would of a crash: it is killed while the entry, alone behind its mark, waits for the database.
    @Test func anEntryThatItsReadersDieOfIsIsolatedAndDeadAfterThreeMarks() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_REPLICA": "p", "PLAYHEAD_LANES": "1"])
        try await playhead.post([.playing(seq: 0)])
        let redis = playhead.redis.connection()
        let stream = StreamNames.events(StableHash.partition(ofMember: "m-1", count: 16))
        let consumer = GroupConsumer(group: "history", name: "p", topology: StreamTopology(partitions: 16), connection: redis)
        try await consumer.join()
        let entry = try #require(try await consumer.read(partitions: Array(0..<16), count: 1, block: nil).first)
        // Delivered five times until now; the processor's own reading is the sixth.
        for _ in 0..<4 { _ = try await consumer.pending(after: [entry.partition: .zero], count: 1) }

        let holder = playhead.database.connection("holder")
        let lock = "SELECT pg_advisory_lock(objsubid, bucket) FROM (SELECT 28780 AS objsubid) x, generate_series(0, 255) AS bucket"
        try await holder.runScript(lock)
        let watcher = playhead.database.connection("watcher")
        let waiting = PostgresStatement(
            name: "waiting", sql: "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        for death in 1...3 {
            let processor = try playhead.start(.processor)
            try await eventually("process \(death) is at the entry") { try await watcher.run(waiting()).int8(0, 0) == 1 }
            processor.process.send(SIGKILL)
            processor.process.waitUntilExit()
            try await eventually("its backend is gone") { try await watcher.run(waiting()).int8(0, 0) == 0 }
        }
        try await eventually("all of them count as gone") {
            try await redis.send(RedisCommand("KEYS", "playhead:life:*")).array().isEmpty
        }
        try await holder.runScript("SELECT pg_advisory_unlock_all()")
        // What stands beside it is applied.
        try await playhead.post([.playing(member: "m-2", seq: 0), .playing(member: "m-1", session: "s-2", seq: 0)])
        _ = try playhead.start(.processor)
        try await playhead.settle()
        let letters = try await DeadLetterStore(connection: watcher).letters(.init(), limit: 10)
        #expect(letters.map(\.letter.reason) == ["3 processors died while they processed this entry alone"])
        #expect(letters.map(\.letter.stream) == [stream])
        #expect(try await playhead.summaries(of: ["m-1", "m-2"]).keys.map(\.sessionId.text).sorted() == ["s-1", "s-2"])
        #expect(try await redis.send(RedisCommand("KEYS", "playhead:{*:isolated:*")).array().isEmpty, "no mark is left")

        // A person finds that it is good after all.
        _ = try run(playhead, "replay", "--id", "\(try #require(letters.first?.id))")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).count == 2)
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

    @Test func whatAMemberWatchedIsShownOnlyWhenAskedFor() async throws {
        let playhead = try await Playhead([.edge, .processor])
        try await playhead.database.connection().runScript(
            "ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (title_id <> 'secret-title')")
        try await playhead.post([.playing(member: "secret-member", seq: 0, title: "secret-title"), .playing(seq: 0)])
        try await playhead.settle()
        for arguments in [["list"], ["show", "1"], ["list", "--member", "secret-member"]] {
            let (status, text) = try run(playhead, arguments)
            #expect(status == 0 && text.contains("planted") && !text.contains("secret"), "\(text)")
        }
        #expect(try run(playhead, "list", "--payload").output.contains("secret-member"))
        #expect(try run(playhead, "show", "1", "--payload").output.contains("\"titleId\":\"secret-title\""))
        #expect(try run(playhead, "list", "--member", "other").output == "0 dead letters\n")
        #expect(try run(playhead, "list", "--since", "2100-01-01T00:00:00Z").output == "0 dead letters\n")
        #expect(try run(playhead, "list", "--since", "yesterday").status != 0)
        #expect(try run(playhead, "show", "99").status != 0)
        #expect(try run(playhead, "discard").status != 0)
        #expect(try run(playhead, "discard", "--all", "--id", "1").status != 0)
        #expect(try run(playhead, "discard", "--id", "99").output == "0 dead letters discarded\n")
        #expect(try run(playhead, "discard", "--id", "1").output == "1 dead letters discarded\n")
    }

    private func run(_ playhead: Playhead, _ arguments: String...) throws -> (status: Int32, output: String) {
        try run(playhead, arguments)
    }

    private func run(_ playhead: Playhead, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let command = try playhead.start(.playhead, arguments: ["dead-letters"] + arguments)
        let output = command.process.readAll()
        return (command.process.waitUntilExit(), output)
    }

    /// Events by outcome, those above 0.
    private func events(_ processor: RunningService) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for line in try await HTTP.get(processor.admin() + "/metrics").text.split(separator: "\n") {
            guard let match = line.wholeMatch(of: /playhead_processor_events_total\{outcome="(\w+)"\} (\d+)\.0/), match.2 != "0" else {
                continue
            }
            counts[String(match.1)] = Int(match.2)
        }
        return counts
    }
}
