import EventStream
import Foundation
import Models
import TestSupport
import Testing

/// Redis is there, but should not or cannot take events; and the spool has an end.
@Suite(.serialized) struct DegradationPipelineTests {
    private let spools: TemporaryFolder
    private let redisData: TemporaryFolder

    init() throws {
        spools = try TemporaryFolder()
        redisData = try TemporaryFolder()
    }

    private func playhead(_ settings: [String: String] = [:]) async throws -> Playhead {
        try await Playhead(
            [.edge, .processor], keepingRedisIn: redisData, settings: settings.merging(["PLAYHEAD_SPOOL_DIR": spools.url.path]) { $1 })
    }

    private func configure(_ playhead: Playhead, _ name: RedisArgument, _ value: RedisArgument) async throws {
        _ = try await playhead.redis.connection().send(RedisCommand("CONFIG", "SET", name, value))
    }

    @Test func aRedisWithoutMemoryIsNotWaitedFor() async throws {
        let playhead = try await playhead()
        let viewing = Viewing(members: 4, sessions: 1, events: 10)
        try await configure(playhead, "maxmemory", "1")
        #expect(try await playhead.place(of: viewing.events) == "spool")
        try await configure(playhead, "maxmemory", "0")
        try await eventually("the streams take events again") { (try? await playhead.place(of: [viewing.events[0]])) == "stream" }
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func aboveTheWatermarkEventsAreSpooledBeforeRedisRefusesThem() async throws {
        let playhead = try await playhead(["PLAYHEAD_REDIS_MEMORY_WATERMARK": "10"])
        let viewing = Viewing(members: 4, sessions: 1, events: 10)
        // Of 4 MiB an empty Redis uses about a fifth.
        try await configure(playhead, "maxmemory", "4mb")
        try await eventually("the edge says why") {
            let ready = try await playhead.readiness()
            return ready.status == 200 && ready.text.contains("maxmemory of 4 MiB, and must be below ")
        }
        #expect(try await playhead.place(of: viewing.events) == "spool")
        try await configure(playhead, "maxmemory", "1gb")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func aRedisThatAnswersBeforeItSyncsGetsNothingAndTheSpoolIsNoSecret() async throws {
        let playhead = try await playhead()
        let viewing = Viewing(members: 4, sessions: 1, events: 10)
        try await configure(playhead, "appendfsync", "everysec")
        try await eventually("the edge says why") {
            let ready = try await playhead.readiness()
            return ready.status == 200 && ready.text.contains("appendfsync everysec")
        }
        #expect(try await playhead.place(of: viewing.events) == "spool")
        try await eventually("the command line knows of it") {
            try await playhead.run("status").output.contains("spools: 1 hold 40 events")
        }
        let waiting = try await playhead.run("status", "--await-settled", "1")
        #expect(waiting.status == 1 && waiting.output.contains("not settled: spools: 1 hold 40 events"), "\(waiting)")

        try await configure(playhead, "appendfsync", "always")
        let settled = try await playhead.run("status", "--await-settled", "60")
        #expect(settled.status == 0 && !settled.output.contains("spools"), "\(settled)")
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    /// As after a restore of another installation's data. At start it is an error; here the edge has taken events already.
    @Test func aRedisOfAnotherNumberOfPartitionsGetsNothingAndEndsNoEdge() async throws {
        let playhead = try await playhead()
        let redis = playhead.redis.connection()
        _ = try await redis.send(RedisCommand("SET", "playhead:partitions", "7"))
        try await eventually("the edge says why") {
            let ready = try await playhead.readiness()
            return ready.status == 200 && ready.text.contains("made with 7")
        }
        #expect(try await playhead.place(of: [.playing(seq: 0)]) == "spool")
        _ = try await redis.send(RedisCommand("SET", "playhead:partitions", "16"))
        try await eventually("the streams take events again") { (try? await playhead.place(of: [.playing(seq: 1)])) == "stream" }
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).values.map(\.missingEvents) == [0])
    }

    /// What it refuses for all is no matter of single entries.
    @Test func aRedisThatForbidsToAppendIsNotWorking() async throws {
        let playhead = try await playhead()
        let redis = playhead.redis.connection()
        _ = try await redis.send(RedisCommand("ACL", "SETUSER", "default", "-xadd"))
        #expect(try await playhead.place(of: [.playing(seq: 0)]) == "spool")
        try await eventually("the edge says why") {
            let ready = try await playhead.readiness()
            return ready.status == 200 && ready.text.contains("NOPERM")
        }
        _ = try await redis.send(RedisCommand("ACL", "SETUSER", "default", "+xadd"))
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).count == 1)
    }

    @Test func aStreamThatRefusesSendsOnlyItsOwnEventsToTheSpool() async throws {
        let playhead = try await playhead()
        let broken = StreamNames.events(StableHash.partition(ofMember: "m-1", count: 16))
        let other: OpaqueID = "m-42"
        #expect(StreamNames.events(StableHash.partition(ofMember: other, count: 16)) != broken)
        _ = try await playhead.redis.connection().send(RedisCommand("DEL", RedisArgument(broken)))
        _ = try await playhead.redis.connection().send(RedisCommand("SET", RedisArgument(broken), "not a stream"))
        #expect(try await playhead.place(of: [.playing(member: "m-1", seq: 0)]) == "spool")
        #expect(try await playhead.place(of: [.playing(member: other, seq: 0)]) == "stream")
        #expect(try await playhead.readiness().text == "ready\n")
        _ = try await playhead.redis.connection().send(RedisCommand("DEL", RedisArgument(broken)))
        try await eventually("the event is drained") { try await playhead[.edge].metric("playhead_edge_spool_events") == 0 }
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1", other]).count == 2)
    }

    @Test func aSpoolThatFillsTakesWhatMattersMostThenNothingAndKeepsWhatItTook() async throws {
        let playhead = try await playhead(["PLAYHEAD_SPOOL_MAX_MIB": "1", "PLAYHEAD_MEMBER_EVENTS_PER_SECOND": "0"])
        let edge = playhead[.edge]
        await playhead.redis.server.crash()
        var accepted: [PlaybackEvent] = []
        func next(_ kind: EventKind, _ count: Int) -> [PlaybackEvent] {
            (0..<count).map { _ in
                var event = PlaybackEvent.playing(seq: Int64(accepted.count))
                event.kind = accepted.isEmpty ? .start : kind
                accepted.append(event)
                return event
            }
        }
        var refusal: HTTP.Answer?
        while refusal == nil {
            let number = accepted.count
            let answer = try await playhead.send(next(.progress, 500))
            if answer.status != 202 {
                refusal = answer
                accepted.removeLast(accepted.count - number)
            }
        }
        #expect(refusal?.status == 503 && refusal?.header("retry-after") == "1")
        #expect(refusal?.text.contains("back-pressure") == true && refusal?.text.contains(#""retryable":true"#) == true)
        try await eventually("the metrics tell") { try await edge.metric("playhead_edge_degradation_step") == 2 }
        try await eventually("the edge tells") {
            let nearlyFull = try await playhead.readiness()
            return nearlyFull.status == 200 && nearlyFull.text.contains("spool: more than 80 % of 1 MiB are used")
        }

        let mixed = try await playhead.send([.playing(member: "m-2", seq: 1), .playing(member: "m-2", seq: 0)])
        let receipt: Receipt = try mixed.json()
        #expect(mixed.status == 202 && receipt.accepted == 1 && receipt.durability == "spool")
        #expect(receipt.rejected.map(\.index) == [0] && receipt.rejected[0].retryable)

        var full: HTTP.Answer?
        while full == nil {
            let number = accepted.count
            let answer = try await playhead.send(next(.stop, 500))
            if answer.status != 202 {
                full = answer
                accepted.removeLast(accepted.count - number)
            }
        }
        #expect(full?.status == 503 && full?.header("retry-after") == "1")
        #expect(try full?.json(ProblemBody.self).type == "urn:playhead:problem:not-durable")
        try await eventually("the edge is not ready") {
            let ready = try await playhead.readiness()
            return ready.status == 503 && ready.text.contains("spool: its 1 MiB are used")
        }
        #expect(try await edge.metric("playhead_edge_degradation_step") == 3)

        let again = try await TestRedis(keepingDataIn: redisData)
        defer { withExtendedLifetime(again) {} }
        try await playhead.settle()
        let expected = SessionState.folding(accepted)?.summary
        #expect(try await playhead.summaries(of: ["m-1"]).values.first == expected)
        #expect(try await playhead.summaries(of: ["m-2"]).count == 1)
        try await eventually("the edge is ready") { try await playhead.readiness().text == "ready\n" }
    }

    /// A limit on the size of files is what a full disk is to one process: a write ends in the middle of a record.
    @Test func aDiskWithoutSpaceIsAnErrorOfTheRequestsAndPasses() async throws {
        let playhead = try await playhead(["PLAYHEAD_MEMBER_EVENTS_PER_SECOND": "0"])
        let edge = playhead[.edge]
        await playhead.redis.server.crash()
        func limitFiles(to bytes: String) async throws {
            let prlimit = try ChildProcess(
                URL(filePath: "/usr/bin/prlimit"), arguments: ["--pid", "\(edge.process.pid)", "--fsize=\(bytes):unlimited"],
                environment: [:])
            #expect(await prlimit.waitUntilExit() == 0, "\(prlimit.errorOutput)")
        }
        try await limitFiles(to: "300000")
        var accepted: [PlaybackEvent] = []
        var refusal: HTTP.Answer?
        while refusal == nil {
            let events = (0..<500).map { PlaybackEvent.playing(seq: Int64(accepted.count + $0)) }
            let answer = try await playhead.send(events)
            if answer.status == 202 { accepted += events } else { refusal = answer }
        }
        #expect(accepted.count >= 1000)
        #expect(refusal?.status == 503 && refusal?.header("retry-after") == "1")
        // Now not even the head of another segment can be written.
        try await limitFiles(to: "0")
        #expect(try await playhead.send([.playing(seq: 0)]).status == 503)
        try await eventually("the edge says why") {
            let ready = try await playhead.readiness()
            return ready.status == 503 && ready.text.contains("spool: ") && ready.text.contains("File too large")
        }
        try await limitFiles(to: "unlimited")
        try await eventually("the edge is ready, without a request") { try await playhead.readiness().status == 200 }
        let rest = (0..<10).map { PlaybackEvent.playing(seq: Int64(accepted.count + $0)) }
        #expect(try await playhead.place(of: rest) == "spool")
        accepted += rest

        let again = try await TestRedis(keepingDataIn: redisData)
        defer { withExtendedLifetime(again) {} }
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).values.first == SessionState.folding(accepted)?.summary)
        #expect(try await edge.metric("playhead_edge_spool_corrupt_segments") == 0)
    }
}
