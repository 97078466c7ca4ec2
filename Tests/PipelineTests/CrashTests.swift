import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

@Suite(.serialized) struct CrashTests {
    @Test func aProcessorKilledAgainAndAgainLosesAndRepeatsNothing() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_REPLICA": "p", "PLAYHEAD_BATCH_EVENTS": "40"])
        let viewing = Viewing(members: 40, sessions: 5, events: 20)
        let revision = PostgresStatement(name: "revision", sql: "SELECT last_value FROM session_revision")
        let watcher = playhead.database.connection("watcher")
        let inspector = StreamInspector(topology: StreamTopology(partitions: 16), connection: playhead.redis.connection("inspector"))
        var interrupted = 0
        let part = viewing.events.count / 8
        for start in stride(from: 0, to: viewing.events.count, by: part) {
            // So there is something to write in each life, and more comes.
            async let posting: Void = Self.post(Array(viewing.events[start..<start + part]), to: playhead, piece: 20)
            let before = try await watcher.run(revision()).int8(0, 0)
            let processor = try playhead.start(.processor)
            try await eventually("the processor writes") { try await watcher.run(revision()).int8(0, 0) != before }
            processor.process.send(SIGKILL)
            await processor.process.waitUntilExit()
            if try await inspector.partitions(group: "history").contains(where: { $0.oldestUnappliedAgeMs != nil }) { interrupted += 1 }
            try await posting
        }
        #expect(interrupted > 0)
        let processor = try playhead.start(.processor)
        try await playhead.settle()
        #expect(processor.process.isRunning)
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func anotherReplicaTakesOverWhatADeadOneHeld() async throws {
        let playhead = try await Playhead([.edge])
        let viewing = Viewing(members: 10, sessions: 2, events: 10)
        try await playhead.post(viewing.events)
        // Reads everything, and dies before it has applied any of it.
        let topology = StreamTopology(partitions: 16)
        let dead = GroupConsumer(
            group: "history", name: "dead", topology: topology, connection: playhead.redis.connection())
        try await dead.join()
        #expect(try await !dead.read(partitions: Array(0..<16), count: 1000, block: .milliseconds(10)).isEmpty)
        let heir = try playhead.start(.processor, settings: ["PLAYHEAD_CLAIM_IDLE_MS": "500"])
        try await playhead.settle()
        #expect(heir.logLines().contains { $0["message"] == "took over entries" })
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func severalProcessorsAtOnceAreExact() async throws {
        let playhead = try await Playhead([.edge, .compactor], settings: ["PLAYHEAD_BATCH_EVENTS": "1"])
        let processors = try (0..<3).map { _ in try playhead.start(.processor) }
        for processor in processors { try await processor.untilReady() }
        // Few members, so that one session's events meet in several processors.
        let viewing = Viewing(members: 3, sessions: 3, events: 200)
        try await Self.post(viewing.events, to: playhead, piece: 5)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        try await eventually("all are seen") { try await playhead.run("status").output.contains("replicas: 3") }
    }

    @Test func aRedisThatCrashesKeepsEverythingAcceptedAndTheEdgeSaysSoMeanwhile() async throws {
        let folder = try TemporaryFolder()
        let playhead = try await Playhead([.edge, .processor, .compactor], keepingRedisIn: folder)
        let viewing = Viewing(members: 10, sessions: 2, events: 30)
        let half = viewing.events.count / 2
        try await playhead.post(Array(viewing.events[..<half]))
        await playhead.redis.server.crash()

        let body = try JSONEncoder().encode([["seq": 0]])
        #expect(try await HTTP.post(playhead.edge + "/v1/events", body).status == 422, "a bad event is refused all the same")
        let refused = try await Self.answer(to: [viewing.events[half]], playhead)
        #expect(refused.status == 503)
        #expect(refused.header("retry-after") != nil)
        #expect(try refused.json(ProblemBody.self).type == "urn:playhead:problem:not-durable")
        #expect(try await HTTP.get(playhead[.edge].admin() + "/livez").status == 200)
        let edgeAdmin = try await playhead[.edge].admin()
        try await eventually("the edge is not ready") { try await HTTP.get(edgeAdmin + "/readyz").status == 503 }

        let again = try await TestRedis(keepingDataIn: folder)
        #expect(again.url == playhead.redis.url)
        try await eventually("events are taken again") { try await Self.answer(to: [viewing.events[half]], playhead).status == 202 }
        try await playhead.post(Array(viewing.events[half...]))
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func aRedisThatAnswersBeforeItSyncsIsNotWrittenTo() async throws {
        let playhead = try await Playhead([.edge])
        let admin = try await playhead[.edge].admin()
        _ = try await playhead.redis.connection().send(RedisCommand("CONFIG", "SET", "appendfsync", "everysec"))
        try await eventually("the edge says why it takes nothing") {
            let ready = try await HTTP.get(admin + "/readyz")
            return ready.status == 503 && ready.text.contains("appendfsync everysec")
        }
        #expect(try await Self.answer(to: [.playing(seq: 0)], playhead).status == 503)
        let trusting = try playhead.start(.edge, settings: ["PLAYHEAD_REDIS_TRUST_DURABILITY": "1"])
        try await trusting.untilReady()
        _ = try await playhead.redis.connection().send(RedisCommand("CONFIG", "SET", "appendfsync", "always"))
        try await eventually("events are taken again") { try await Self.answer(to: [.playing(seq: 0)], playhead).status == 202 }
    }

    @Test func aRedisThatComesBackEmptyGetsItsGroupsAgain() async throws {
        let playhead = try await Playhead([.edge, .processor], settings: ["PLAYHEAD_CLAIM_IDLE_MS": "200"])
        let viewing = Viewing(members: 6, sessions: 1, events: 6)
        let half = viewing.events.count / 2
        try await playhead.post(Array(viewing.events[..<half]))
        try await playhead.settle()
        _ = try await playhead.redis.connection().send(RedisCommand("FLUSHALL"))
        try await playhead.post(Array(viewing.events[half...]))
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func aDatabaseThatRefusesIsWaitedForAndNothingBecomesADeadLetter() async throws {
        let playhead = try await Playhead([.edge, .processor, .query])
        let viewing = Viewing(members: 5, sessions: 2, events: 20)
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session RENAME TO away")
        try await playhead.post(viewing.events)
        let admin = try await playhead[.processor].admin()
        try await eventually("the processor names its trouble") {
            let ready = try await HTTP.get(admin + "/readyz")
            return ready.status == 503 && ready.text.contains("playback_session")
        }
        #expect(try await HTTP.get(playhead.query + "/v1/members/member-0/history").status == 503)
        try await administrator.runScript("ALTER TABLE away RENAME TO playback_session")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        #expect(try await DeadLetterStore(connection: administrator).count() == 0)
        try await eventually("the processor is ready again") { try await HTTP.get(admin + "/readyz").status == 200 }
    }

    @Test func anEntryThatNobodyCanReadBecomesOneDeadLetterAndHoldsUpNothing() async throws {
        let playhead = try await Playhead([.edge, .processor])
        for _ in 0..<2 {
            _ = try await playhead.redis.connection().send(
                RedisCommand("XADD", RedisArgument(StreamNames.events(3)), "*", "b", "garbage", "n", "1"))
        }
        let viewing = Viewing(members: 4, sessions: 1, events: 5)
        try await playhead.post(viewing.events)
        try await playhead.settle()
        #expect(try await DeadLetterStore(connection: playhead.database.connection()).count() == 1)
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    /// In small requests, so that the events of a session are in many entries.
    private static func post(_ events: [PlaybackEvent], to playhead: Playhead, piece: Int) async throws {
        for start in stride(from: 0, to: events.count, by: piece) {
            try await playhead.post(Array(events[start..<min(start + piece, events.count)]))
        }
    }

    private static func answer(to events: [PlaybackEvent], _ playhead: Playhead) async throws -> HTTP.Answer {
        let body = Data(
            events.map {
                """
                {"memberId":"\($0.memberId)","sessionId":"\($0.sessionId)","seq":\($0.seq),"kind":"\($0.kind.rawValue)","titleId":"\($0.titleId)",\
                "positionMs":\($0.positionMs),"runtimeMs":3600000,"occurredAt":\($0.occurredAt),"deviceId":"tv-1","deviceType":"tv"}
                """
            }.joined(separator: "\n").utf8)
        return try await HTTP.post(playhead.edge + "/v1/events", body, contentType: "application/x-ndjson")
    }
}
