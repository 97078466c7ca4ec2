import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

@Suite(.serialized) struct BreakerTests {
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
        try await eventually("it is logged once") {
            playhead[.processor].logLines().count { $0["message"]?.hasPrefix("takes nothing any more") == true } == 1
        }
        try await eventually("it is shown among those that do not work") {
            try await playhead.run("status").output.contains("replicas: 0\nnot working: 1 (")
        }
        #expect(try await DeadLetterStore(connection: administrator).count() <= 200)

        try await administrator.runScript("ALTER TABLE playback_session DROP CONSTRAINT wrong")
        try await playhead.settle()
        try await eventually("ready again") { try await HTTP.get(admin + "/readyz").status == 200 }
        #expect(try await HTTP.get(admin + "/metrics").text.contains("playhead_processor_poison_breaker_open 0"))
        _ = try await playhead.deadLetters("replay", "--all")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    /// It would make the processor believe that the database takes events again.
    @Test func aRepetitionThatGoesThroughDoesNotCloseTheBreaker() async throws {
        let playhead = try await Playhead([.edge, .processor], settings: ["PLAYHEAD_LANES": "1"])
        func partition(_ member: OpaqueID) -> Int { StableHash.partition(ofMember: member, count: 16) }
        // Read after the refused ones, so that it is pending when the breaker opens.
        let good = try #require((0..<1000).map { OpaqueID("m-\($0)") }.first { partition($0) == 15 })
        let bad = try #require((0..<1000).map { OpaqueID("m-\($0)") }.first { partition($0) == 0 })
        try await playhead.post([.playing(member: good, seq: 0), .playing(member: good, seq: 1)])
        try await playhead.settle()
        playhead[.processor].process.send(SIGTERM)
        await playhead[.processor].process.waitUntilExit()

        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT wrong CHECK (false) NOT VALID")
        try await playhead.post([.playing(member: good, seq: 0)] + (0..<300).map { .playing(member: bad, seq: $0) })
        let processor = try playhead.start(.processor)
        let admin = try await processor.admin()
        try await eventually("the breaker opens") { try await HTTP.get(admin + "/readyz").text.contains("poison") }
        let inspector = StreamInspector(topology: StreamTopology(partitions: 16), connection: playhead.redis.connection())
        try await eventually("the repetition is tried, and acknowledged") {
            try await inspector.partitions(group: "history")[15].oldestUnappliedAgeMs == nil
        }
        #expect(try await HTTP.get(admin + "/readyz").text.contains("poison"))
        #expect(!processor.logLines().contains { $0["message"]?.contains("went through") == true })
        #expect(try await DeadLetterStore(connection: administrator).count() == 0)
    }

    @Test func moreThanAFifthStopsTheTakingEvenInSmallBatches() async throws {
        let playhead = try await Playhead([.edge, .processor], settings: ["PLAYHEAD_LANES": "1", "PLAYHEAD_BATCH_EVENTS": "100"])
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
        // Each bad event is found by bisection, some ten transactions: on a slow disk that takes its time.
        try await eventually("the breaker is open", within: .seconds(300)) { try await HTTP.get(admin + "/readyz").text.contains("poison") }
        #expect(dead >= 200)
        // Fewer by those of the last batch at most, 30 of 130: of one partition 2 entries are read, and 64 more until it has 100 events.
        let letters = try await DeadLetterStore(connection: administrator).count()
        #expect((200 - 30...200).contains(letters), "\(letters)")

        // What is refused for ever must not keep good events from being tried.
        try await playhead.post((0..<20).map { .playing(member: OpaqueID("good-\($0)"), seq: 0) })
        try await eventually("a good event closes the breaker", within: .seconds(300)) {
            try await HTTP.get(admin + "/readyz").status == 200
        }
        try await playhead.settle(within: .seconds(300))
        #expect(try await playhead.summaries(of: (0..<20).map { OpaqueID("good-\($0)") }).count == 20)
        // A request that was answered 503 and sent again may have left its event twice.
        let distinct = PostgresStatement(name: "distinct", sql: "SELECT count(DISTINCT session_id) FROM dead_letter")
        #expect(try await administrator.run(distinct()).int8(0, 0) == dead)
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
        #expect(try await processor.eventsByOutcome() == ["applied": 64 * 396, "dead": 64 * 4])
        #expect(try await HTTP.get(processor.admin() + "/readyz").status == 200)
        #expect(try await playhead.summaries(of: members).count == 64)
    }
}
