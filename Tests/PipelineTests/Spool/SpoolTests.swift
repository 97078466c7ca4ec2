import EventStream
import Foundation
import Models
import TestSupport
import Testing

/// Edges with a spool, while Redis or they themselves go away.
@Suite(.serialized) struct SpoolPipelineTests {
    private let spools: TemporaryFolder
    private let redisData: TemporaryFolder
    private let viewing = Viewing(members: 20, sessions: 2, events: 30)

    init() throws {
        spools = try TemporaryFolder()
        redisData = try TemporaryFolder()
    }

    /// - Parameter settings: for those that are not about Redis being slow, patient ones.
    private func playhead(
        _ names: [RunningService.Name] = [.edge, .processor, .compactor], settings: [String: String] = [:]
    ) async throws -> Playhead {
        try await Playhead(names, keepingRedisIn: redisData, settings: settings.merging(["PLAYHEAD_SPOOL_DIR": spools.url.path]) { $1 })
    }

    private func folders() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: spools.url.path) }

    /// In small requests.
    private func requests(_ events: some Sequence<PlaybackEvent>) -> [[PlaybackEvent]] {
        let events = Array(events)
        return stride(from: 0, to: events.count, by: 10).map { Array(events[$0..<min($0 + 10, events.count)]) }
    }

    @Test func aDiskThatCannotBeUsedIsNoReasonToRefuseWhatRedisTakes() async throws {
        let file = spools.url.appending(path: "file")
        try Data().write(to: file)
        let playhead = try await Playhead(
            [.edge], settings: ["PLAYHEAD_SPOOL_DIR": file.appending(path: "spool").path])
        #expect(try await playhead.place(of: [viewing.events[0]]) == "stream")
        let ready = try await playhead.readiness()
        #expect(ready.status == 200 && ready.text.hasPrefix("degraded\nspool: spool: mkdir"), "\(ready.text)")
    }

    /// A FIFO in place of a segment hangs whoever opens it, as a disk does that does not answer.
    @Test func aDiskThatHangsDoesNotKeepAnEdgeFromLeaving() async throws {
        let playhead = try await playhead([.edge])
        let edge = playhead[.edge]
        let left = spools.url.appending(path: "edge-left")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: false)
        let segment = left.appending(path: "0000000000000001.segment").path
        #expect(mkfifo(segment, 0o600) == 0)
        let lock = left.appending(path: "lock").path
        try await eventually("the edge takes the folder over") { FileManager.default.fileExists(atPath: lock) }
        try await eventually("the streams take events") { try await playhead.place(of: [viewing.events[0]]) == "stream" }
        let began = ContinuousClock.now
        edge.process.send(SIGTERM)
        #expect(await edge.process.waitUntilExit() == 1, "\(edge.process.errorOutput)")
        #expect(.now - began < .seconds(20))
        #expect(edge.logged("not stopped within 10 s") == 1)
    }

    /// Its folder is gone while Redis is away for a moment: the spool is lost until a new start, and Redis is not.
    @Test func aSpoolThatIsGoneDoesNotKeepAnEdgeFromRedis() async throws {
        let playhead = try await playhead([.edge])
        for folder in try folders() { try FileManager.default.removeItem(at: spools.url.appending(path: folder)) }
        try await eventually("it shows before it is needed") { try await playhead.readiness().text.hasPrefix("degraded\nspool disk: ") }
        let redis = playhead.redis.connection()
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "appendfsync", "everysec"))
        try await eventually("events are refused") { try await playhead.send([viewing.events[0]]).status == 503 }
        try await eventually("it is not ready, and has said so") {
            guard playhead[.edge].logged("events are refused") == 1 else { return false }
            return try await playhead.readiness().status == 503
        }
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "appendfsync", "always"))
        try await eventually("events are taken again") { try await playhead.send([viewing.events[0]]).status == 202 }
        try await eventually("it is ready") { try await playhead.readiness().status == 200 }
        #expect(playhead[.edge].logged("all events are taken again") == 1)
        // Longer than from one look at the folders to the next.
        let end = ContinuousClock.now + .seconds(2.5)
        while ContinuousClock.now < end {
            try #require(try await playhead.readiness().text.contains("spool disk: "), "it is still gone")
        }
        #expect(playhead[.edge].logged("cannot use the spool") == 1 && playhead[.edge].logged("the spool can be used again") == 0)
    }

    @Test func whileRedisIsAwayEventsAreSpooledAndAppliedWhenItIsBack() async throws {
        let playhead = try await playhead()
        let edge = playhead[.edge]
        let half = viewing.events.count / 2
        try await eventually("the streams take events") { try await playhead.readiness().text == "ready\n" }
        for request in requests(viewing.events[..<half]) { #expect(try await playhead.place(of: request) == "stream") }
        await playhead.redis.server.crash()
        for request in requests(viewing.events[half...]) { #expect(try await playhead.place(of: request) == "spool") }
        let degraded = try await playhead.readiness()
        #expect(degraded.status == 200 && degraded.text.hasPrefix("degraded\nredis: "), "\(degraded.text)")
        try await eventually("the metrics tell") {
            try await edge.metric("playhead_edge_spool_events") == Double(viewing.events.count - half)
        }
        #expect(try await edge.metric("playhead_edge_degradation_step") == 1)

        let again = try await TestRedis(keepingDataIn: redisData)
        #expect(again.url == playhead.redis.url)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        try await eventually("the edge is ready again") { try await playhead.readiness().text == "ready\n" }
        #expect(try await playhead.place(of: [viewing.events[0]]) == "stream")
        try await eventually("the metrics tell") { try await edge.metric("playhead_edge_spool_events") == 0 }
        let drained = try await edge.metric("playhead_edge_events_total{outcome=\"drained\"}")
        #expect(drained == Double(viewing.events.count - half))
        #expect(edge.logged("Redis does not take events: ") == 1, "\(edge.process.errorOutput)")
        #expect(edge.logLines().allSatisfy { $0["message"] != "lost Redis, reconnecting with backoff" })

        edge.process.send(SIGTERM)
        #expect(await edge.process.waitUntilExit() == 0, "\(edge.process.errorOutput)")
        #expect(try folders().isEmpty)
    }

    @Test func whileRedisHangsEveryRequestIsAnsweredInTime() async throws {
        let playhead = try await playhead(settings: ["PLAYHEAD_STREAM_TIMEOUT_MS": "4000"])
        try await playhead.post([viewing.events[0]])
        playhead.redis.server.hang()
        var times: [Duration] = []
        for request in requests(viewing.events) {
            let began = ContinuousClock.now
            #expect(try await playhead.place(of: request) == "spool")
            times.append(.now - began)
        }
        // The first waits for Redis, and no later one: what is as slow for the disk's sake is rare.
        #expect(times.count { $0 > .seconds(3) } <= times.count / 10, "\(times)")
        playhead.redis.server.continueAfterHang()
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func anEdgeKilledWithAFullSpoolGoesOnWhenItIsStartedAgain() async throws {
        let playhead = try await playhead()
        await playhead.redis.server.crash()
        for request in requests(viewing.events) { #expect(try await playhead.place(of: request) == "spool") }
        playhead[.edge].process.send(SIGKILL)
        await playhead[.edge].process.waitUntilExit()
        let left = try folders()
        #expect(left.count == 1)

        let again = try await TestRedis(keepingDataIn: redisData)
        defer { withExtendedLifetime(again) {} }
        let edge = try playhead.start(.edge)
        try await edge.untilReady()
        #expect(try folders() == left)
        try await eventually("it has drained its spool") {
            try await edge.metric("playhead_edge_events_total{outcome=\"drained\"}") == Double(viewing.events.count)
        }
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func whatAnEdgeThatIsGoneHasLeftIsDrainedByAnother() async throws {
        let playhead = try await playhead()
        let gone = try playhead.start(.edge)
        try await gone.untilReady()
        let address = try await gone.api()
        await playhead.redis.server.crash()
        for request in requests(viewing.events) { #expect(try await playhead.place(of: request, at: address) == "spool") }
        #expect(try folders().count == 2)
        gone.process.send(SIGKILL)
        await gone.process.waitUntilExit()

        let again = try await TestRedis(keepingDataIn: redisData)
        defer { withExtendedLifetime(again) {} }
        try await eventually("the other has drained it") {
            try await playhead[.edge].metric("playhead_edge_events_total{outcome=\"drained\"}") == Double(viewing.events.count)
        }
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        try await eventually("its folder is removed") { try folders().count == 1 }
        #expect(playhead[.edge].logged("took over what an edge has left") == 1)
    }

    @Test func anEdgeThatStartsWithoutRedisTakesEvents() async throws {
        let playhead = try await playhead([.processor])
        await playhead.redis.server.crash()
        let edge = try playhead.start(.edge)
        try await edge.untilReady()
        let address = try await edge.api()
        for request in requests(viewing.events) { #expect(try await playhead.place(of: request, at: address) == "spool") }
        edge.process.send(SIGTERM)
        #expect(await edge.process.waitUntilExit() == 0, "a stop does not wait for Redis")
        #expect(try folders().count == 1)

        let again = try await TestRedis(keepingDataIn: redisData)
        defer { withExtendedLifetime(again) {} }
        let next = try playhead.start(.edge)
        try await eventually("the next one has drained it") {
            try await next.metric("playhead_edge_events_total{outcome=\"drained\"}") == Double(viewing.events.count)
        }
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func whatWasHiddenOrErasedMeanwhileStaysSoWhenTheSpoolIsDrained() async throws {
        let playhead = try await Playhead(keepingRedisIn: redisData, settings: ["PLAYHEAD_SPOOL_DIR": spools.url.path])
        func watched(_ member: OpaqueID, _ seq: Int64) -> PlaybackEvent { .playing(member: member, seq: seq) }
        let members: [OpaqueID] = ["hides", "erased", "watches"]
        for seq in Int64(0)...1 { try await playhead.post(members.map { watched($0, seq) }) }
        try await playhead.settle()
        await playhead.redis.server.crash()
        #expect(try await playhead.place(of: members.map { watched($0, 2) }) == "spool")
        #expect(try await playhead.delete("/v1/members/hides/history/t-1") == 204)
        #expect(try await playhead.delete("/v1/members/erased") == 204)
        let again = try await TestRedis(keepingDataIn: redisData)
        #expect(again.url == playhead.redis.url)
        try await playhead.settle()
        #expect(try await playhead.shown("hides").isEmpty)
        #expect(try await playhead.shown("erased").isEmpty)
        #expect(try await playhead.shown("watches").map(\.watchedMs) == [20_000])
        try await eventually("it is counted") {
            try await playhead[.processor].metric("playhead_processor_events_total{outcome=\"erased\"}") == 1
        }
    }
}
