import EventStream
import Foundation
import HistoryStore
import Models
import Synchronization
import TestSupport
import Testing

@testable import Operator

/// Moving members over under load, and back.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RampTests {
    @Test func zeroToHundredAndBackUnderLoadWithNobodyNoticing() async throws {
        let folder = try TemporaryFolder()
        let playhead = try await Playhead(settings: ["PLAYHEAD_SPOOL_DIR": folder.url.appending(path: "spool").path])
        let second = try playhead.start(.processor)
        try await second.untilReady()
        try await playhead.route("set", "--async", "0")
        let truth = folder.url.appending(path: "truth.ndjson").path
        let simulation = try playhead.start(
            .playhead,
            arguments: [
                "simulate", "--edge", playhead.edge, "--members", "400", "--events", "1000000", "--rate", "1200", "--duplicates", "0.1",
                "--reorder", "0.2", "--late", "0.05", "--batch", "20", "--prefix", "ramp-", "--truth", truth,
            ])
        let reader = RevisionReader(playhead)
        let reading = Task { try await reader.run() }

        let ramp = try await playhead.run(
            "ramp", "--plan", "25,50,100", "--soak", "2s", "--check", "500ms", "--max-apply-delay", "10m")
        #expect(ramp.status == 0, "\(ramp)")
        #expect(ramp.output.contains("async 25 %\n") && ramp.output.contains("async 50 %\n"))
        #expect(ramp.output.hasSuffix("done: 100 % go asynchronous\n"))
        for share in ["50", "0"] { try await playhead.route("set", "--async", share) }
        try await eventually("enough was read", within: .seconds(120)) { reader.seen.sessions > 100 && reader.seen.rises > 100 }
        #expect(simulation.process.isRunning, "it was under load")
        simulation.process.send(SIGINT)
        let simulated = await simulation.ending()
        #expect(simulated.status == 130 && simulated.output.contains(", 0 retries"), "no request failed: \(simulated)")

        let verified = try await playhead.run("verify", "--truth", truth, "--query", playhead.query, "--timeout", "180")
        #expect(verified.status == 0 && verified.output.contains("\n0 differences\n"), "\(verified)")
        reader.stop()
        // Throws what any request failed by.
        try await reading.value
        let seen = reader.seen
        #expect(seen.decreased.isEmpty, "\(seen.decreased)")
        let outcomes = try await (
            playhead[.edge].metric(#"playhead_edge_events_total{outcome="database"}"#),
            playhead[.edge].metric(#"playhead_edge_events_total{outcome="accepted"}"#)
        )
        #expect(outcomes.0 > 1000 && outcomes.1 > 1000, "both ways were gone: \(outcomes)")
    }

    @Test func aFaultOfTheShadowIsFoundAndNamedAndTakesTheRampBack() async throws {
        let shadowed = try await ShadowedPlayhead(relayed: true)
        let playhead = shadowed.playhead
        try await playhead.route("set", "--async", "0")
        try await playhead.route("set", "--shadow", "60")
        try await shadowed.untilShadowed()
        func table(_ async: Int) -> RoutingTable { RoutingTable(async: MemberShare(slots: async), shadow: MemberShare(slots: 6000)) }
        let (low, high) = (table(0), table(3000))
        let relay = FaultyRelay(from: shadowed.copies.connection("relay-from"), to: shadowed.applying) { member in
            low.route(of: member) == .shadow && high.route(of: member) == .shadow
        }
        let relaying = Task { try await relay.run() }
        // Nothing of it is repeated, lost or late on its way to the edge: each session is listed, and what differs was planted.
        let simulation = try playhead.start(
            .playhead,
            arguments: [
                "simulate", "--edge", playhead.edge, "--members", "300", "--events", "300000", "--rate", "250", "--batch", "20",
                "--duplicates", "0", "--reorder", "0", "--late", "0", "--drop", "0", "--concurrency", "1",
            ])
        let folder = try TemporaryFolder()
        let report = folder.url.appending(path: "ramp.json").path
        async let ramping = playhead.run(
            "ramp", "--plan", "10,20,30", "--soak", "10s", "--check", "500ms", "--settle", "10s", "--rate", "20000", "--min-compared", "30",
            "--max-errors", "100", "--max-apply-delay", "10m", "--report", report)
        let routes = RouteStore(connection: playhead.redis.connection("watch"))
        // Before the first step all is well, or it would not be taken.
        try await eventually("the first step", within: .seconds(180)) { try await routes.current()?.async == MemberShare(slots: 1000) }
        relay.turnFaulty()
        let ramp = try await ramping
        #expect(ramp.status == 1, "\(ramp)")
        let back = try #require(ramp.output.firstMatch(of: /back to async (\d+) %: \d+ sessions differ from the shadow/)?.1, "\(ramp)")
        #expect(try await routes.current()?.async == MemberShare(percent: String(back)))
        let reported = try String(contentsOfFile: report, encoding: .utf8)
        #expect(reported.contains(#""ending" : "went back""#) && reported.contains(#""asyncPercent" : "\#(back)""#))
        simulation.process.send(SIGTERM)
        _ = await simulation.ending()

        // All that was planted is found, and nothing else; both kinds are named.
        try await eventually("the copies are applied", within: .seconds(180)) { try await relay.isDone() }
        relaying.cancel()
        try await relaying.value
        let planted = relay.planted
        let moved = try #require(planted.moved)
        let faulty = Set(planted.dropped + [moved])
        let listed = try await shadowed.listed()
        // Of members who never left the shadow all must be found; of those who did, what ended before.
        let routed = RouteHistory(try await routes.changes())
        let certain = faulty.filter { key in
            let stretches = routed.shadowing(of: key.memberId)
            return listed.contains(key) && stretches.count == 1 && stretches[0].to == nil
        }
        let found = try await shadowed.verify(until: "not settled   0", status: 1)
        let count = found.output.firstMatch(of: /\n(\d+) mismatch/).flatMap { Int($0.1) } ?? 0
        #expect((certain.count...faulty.count).contains(count), "\(certain.count) of \(faulty.count): \(found.output)")
        #expect(certain.contains(moved) && faulty.count > 1)
        let named = found.output.matches(of: /session (\S+) of member/).map { OpaqueID(String($0.1)) }
        #expect(!named.isEmpty && Set(named).isSubset(of: Set(faulty.map(\.sessionId))))
        let values = found.output.matches(of: /(watchedMs|state): session (\S+) of/).map { OpaqueID(String($0.2)) }
        #expect(values.contains(moved.sessionId), "the position that was changed: \(moved) in \(found.output)")
        #expect(found.output.contains("missingEvents") || found.output.contains("sequenceRuns"), "\(found.output)")
    }

    @Test func aRampIsToldWhatItCannotDoAndCanBeGoneOnWith() async throws {
        let playhead = try await Playhead([.edge, .processor])
        #expect(try await playhead.run("ramp").errors.contains("nothing to do: 100 % go asynchronous already"))
        #expect(try await playhead.run("ramp", "--resume").errors.contains("no ramp to go on with"))
        #expect(try await playhead.run("ramp", "--plan", "5,1").status != 0)
        try await playhead.route("set", "--async", "0")
        let dry = try await playhead.run("ramp", "--dry-run", "--plan", "1,5", "--soak", "90s")
        #expect(dry.status == 0 && dry.output.contains("now 0 % async; next: 1 %, 5 %, each for 90 s"), "\(dry)")
        #expect(try await playhead.run("route", "show").output.contains("async 0 %"))

        // Somebody has to be there, or nothing is watched.
        let viewers = try playhead.start(
            .playhead, arguments: ["simulate", "--edge", playhead.edge, "--events", "100000", "--rate", "300", "--batch", "5"])
        defer { viewers.process.send(SIGKILL) }
        let patience = ["--max-errors", "100", "--max-apply-delay", "10m"]
        let first = try playhead.start(
            .playhead, arguments: ["ramp", "--plan", "10,100", "--soak", "10m", "--check", "200ms"] + patience)
        let store = RouteStore(connection: playhead.redis.connection("watch"))
        try await eventually("the first step") { try await store.current()?.async == MemberShare(slots: 1000) }
        #expect(try await playhead.run("ramp", "--plan", "50").errors.contains("another playhead ramp is at it"))
        var ramp = first
        for signal in [SIGTERM, SIGINT] {
            ramp.process.send(signal)
            let interrupted = await ramp.ending()
            #expect(interrupted.status == 130 && interrupted.output.contains("playhead ramp --resume goes on"), "\(interrupted)")
            ramp = try playhead.start(.playhead, arguments: ["ramp", "--resume", "--check", "200ms"])
            try await eventually("it goes on at once") { ramp.process.errorOutput.contains("10 %: watched for") }
        }
        ramp.process.send(SIGKILL)
        _ = await ramp.ending()
        // Who died is at it no longer after a while.
        let redis = playhead.redis.connection("holder")
        _ = try await redis.send(RedisCommand("PEXPIRE", "playhead:ramp:holder", "1"))
        try await eventually("nobody is at it") { try await redis.send(RedisCommand("EXISTS", "playhead:ramp:holder")).integer() == 0 }
        // It has been watched for long enough.
        let kept = RampStore(connection: redis, holder: "test")
        var state = try JSONDecoder().decode(RampState.self, from: Data(#require(try await kept.read()).utf8))
        state.plan.soakMs = 1000
        try await kept.write(String(decoding: JSONEncoder().encode(state), as: UTF8.self))
        let resumed = try await playhead.run("ramp", "--resume", "--check", "200ms")
        #expect(resumed.status == 0 && resumed.output.contains("now 10 % async; next: 100 %"), "\(resumed)")
        #expect(try await playhead.run("ramp", "--resume").errors.contains("is finished"))

        // By hand, while it watches.
        try await playhead.route("set", "--async", "0")
        let overtaken = try playhead.start(
            .playhead, arguments: ["ramp", "--plan", "10,100", "--soak", "10m", "--check", "200ms"] + patience)
        try await eventually("the first step") { try await store.current()?.async == MemberShare(slots: 1000) }
        try await playhead.route("set", "--async", "0")
        let ending = await overtaken.ending()
        #expect(ending.status != 0 && ending.errors.contains("changed"), "\(ending)")
        #expect(try await store.current()?.async == MemberShare.none)
    }
}
