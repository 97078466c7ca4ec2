import EventStream
import Foundation
import HistoryStore
import Logging
import Models
import TestSupport
import Testing

/// What shadowed members send is written twice, and the two histories are compared.
@Suite(.serialized, .timeLimit(.minutes(6))) struct ShadowTests {
    private static func line(_ name: String, _ count: Int) -> String {
        "\(name)\(String(repeating: " ", count: 14 - name.count))\(count)"
    }

    @Test func bothHistoriesAgreeAndWhatBeganBeforeIsLeftOut() async throws {
        let shadowed = try await ShadowedPlayhead()
        let playhead = shadowed.playhead
        try await playhead.route("set", "--async", "0")
        let before = (0..<5).map { PlaybackEvent.playing(session: OpaqueID("before-\($0)"), seq: 0) }
        try await playhead.place(of: before)
        try await playhead.route("set", "--shadow", "100")
        try await shadowed.untilShadowed()
        let viewing = Viewing(members: 5, sessions: 4, events: 12)
        // In the order of their session, twice, in small requests; and what goes on of the others.
        let events = viewing.events.sorted { ($0.seq, $0.sessionId) < ($1.seq, $1.sessionId) }
        for start in stride(from: 0, to: events.count, by: 10) {
            #expect(try await playhead.place(of: Array(events[start..<start + 10])) == "database")
            if start % 40 == 0 { try await playhead.place(of: Array(events[start..<start + 10])) }
        }
        try await playhead.place(of: before.map { .playing(session: $0.sessionId, seq: 1) })
        // Those that began before, whose rest is copied, are left out.
        try await shadowed.verify(until: Self.line("equal", 20), "\n0 mismatches", Self.line("not shadowed", 5), status: 0)
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        #expect(try await playhead[.edge].metric(#"playhead_edge_shadow_events_total{outcome="not_copied"}"#) == 0)

        // For those who watch metrics.
        let watching = try playhead.start(
            .playhead, arguments: ["verify", "--shadow", "--settle", "5s", "--continuous", "--interval", "200ms"])
        try await watching.untilReady()
        try await eventually("it is in the metrics") {
            try await watching.metric(#"playhead_verify_shadow_sessions{result="equal"}"#) == 20
        }
        watching.process.send(SIGTERM)
        #expect(await watching.ending().status == 0)

        // Emptied, what is there is not compared any more, and what begins is.
        try await eventually("nobody holds it") { try await playhead.run("shadow", "clear").output == "cleared\n" }
        try await playhead.place(of: [.playing(session: "after", seq: 0)] + before.map { .playing(session: $0.sessionId, seq: 2) })
        try await shadowed.verify(until: Self.line("equal", 1), "\n0 mismatches", status: 0)
        #expect(try await playhead.run("shadow", "remove").errors.contains("members are shadowed"))
        try await playhead.route("set", "--shadow", "0")
        try await eventually("nobody holds it") { try await playhead.run("shadow", "remove").status == 0 }
        #expect(try await shadowed.verify().errors.contains("playhead migrate --shadow"))
    }

    @Test func whoWasErasedBeforeThereWasAShadowStaysErased() async throws {
        let playhead = try await Playhead([.query])
        let database = playhead.database.connection()
        _ = try await SessionApplier(connection: database).apply([.playing(seq: 0)])
        #expect(try await playhead.delete("/v1/members/m-1") == 204)
        #expect(try await playhead.run("migrate", "--shadow").output.hasPrefix("made schema shadow\n"))
        #expect(try await playhead.run("migrate", "--shadow").output.hasPrefix("schema version"), "again is harmless")
        let shadow = playhead.database.connection("shadow", schema: .shadow)
        let outcome = try await SessionApplier(connection: shadow).apply([.playing(seq: 1), .playing(member: "stays", seq: 0)])
        #expect(outcome.erased == 1 && outcome.applied == 1)
        #expect(try await playhead.summaries(of: ["stays"]).isEmpty, "nothing of it is in the history")
    }

    @Test func everyKindOfDifferenceIsFoundAndNamed() async throws {
        let shadowed = try await ShadowedPlayhead()
        let playhead = shadowed.playhead
        try await playhead.route("set", "--async", "0")
        try await playhead.route("set", "--shadow", "100")
        try await shadowed.untilShadowed()
        for session in 0..<6 {
            try await playhead.place(of: (0..<3).map { .playing(session: OpaqueID("s-\(session)"), seq: $0) })
        }
        try await shadowed.verify(until: Self.line("equal", 6), status: 0)
        try await playhead.database.connection("vandal").runScript(
            """
            DELETE FROM shadow.playback_session WHERE session_id = 's-0';
            DELETE FROM playback_session WHERE session_id = 's-1';
            INSERT INTO shadow.playback_session SELECT member_id, 'stray', title_id, started_at, last_watched_at, position_ms, runtime_ms,
                watched_ms, missing_events, revision, updated_at, completed, approximate, device_id, device_type, state
                FROM shadow.playback_session WHERE session_id = 's-3';
            """)
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        let path = folder.url.appending(path: "report.json").path
        try await shadowed.verify(
            until: "\n3 mismatches, 42.86 % of what was compared\n", "only here: session s-0 of member m-1",
            "only there: session s-1 of member m-1", "only there: session stray", Self.line("equal", 4), status: 1,
            arguments: ["--json", path])
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(filePath: path)))
        #expect(report.mismatches == 3 && report.onlyHere == 1 && report.onlyThere == 2 && report.equal == 4)

        // Of a session that is equal otherwise, one field.
        try await playhead.place(of: [.playing(session: "s-4", seq: 3)])
        try await shadowed.verify(until: Self.line("equal", 4), status: 1)
        try await playhead.database.connection("vandal").runScript(
            """
            UPDATE shadow.playback_session s SET state = o.state FROM (SELECT state FROM shadow.playback_session WHERE session_id = 's-5') o
                WHERE session_id = 's-4'
            """)
        try await shadowed.verify(
            until: "positionMs: session s-4 of member m-1: 30000, the shadow has 20000",
            "sequenceRuns: session s-4 of member m-1: 0-3, the shadow has 0-2", status: 1)
        // And of another what members are shown, by hand and with the same state.
        try await playhead.database.connection("vandal").runScript(
            "UPDATE playback_session SET watched_ms = 777777, completed = true WHERE session_id = 's-3'")
        try await shadowed.verify(
            until: "watchedMs: session s-3 of member m-1: 777777, the shadow has 20000", "completed: session s-3 of member m-1: true",
            Self.line("equal", 2), status: 1)
    }

    private struct Report: Decodable {
        var mismatches, onlyHere, onlyThere, equal: Int
    }

    @Test func aCopyThatCouldNotBeMadeIsNoMismatch() async throws {
        let shadowed = try await ShadowedPlayhead()
        let playhead = shadowed.playhead
        try await playhead.route("set", "--async", "0")
        try await playhead.route("set", "--shadow", "100")
        try await shadowed.untilShadowed()
        try await playhead.place(of: [.playing(session: "whole", seq: 0), .playing(session: "half", seq: 0)])
        try await eventually("they are copied") {
            try await playhead[.edge].metric(#"playhead_edge_shadow_events_total{outcome="copied"}"#) == 2
        }
        shadowed.copies.server.hang()
        #expect(try await playhead.place(of: [.playing(session: "half", seq: 1), .playing(session: "none", seq: 0)]) == "database")
        try await eventually("it is known that it was not copied") {
            try await playhead[.edge].metric(#"playhead_edge_shadow_events_total{outcome="not_copied"}"#) == 2
        }
        #expect(try await playhead.readiness().text.contains("shadow copies: copies are not made: "))
        shadowed.copies.server.continueAfterHang()
        try await shadowed.verify(until: Self.line("not copied", 2), Self.line("equal", 1), "\n0 mismatches", status: 0)
    }

    @Test func whatAnEdgeHadNotCopiedWhenItDiedIsNoMismatch() async throws {
        let shadowed = try await ShadowedPlayhead([.processor])
        let playhead = shadowed.playhead
        let first = try playhead.start(.edge)
        try await first.untilReady()
        try await playhead.route("set", "--async", "0")
        try await playhead.route("set", "--shadow", "100")
        try await shadowed.untilShadowed()
        let address = try await first.api()
        try await playhead.place(of: [.playing(session: "copied", seq: 0)], at: address)
        try await eventually("it is copied") {
            try await first.metric(#"playhead_edge_shadow_events_total{outcome="copied"}"#) == 1
        }
        // Neither can it be copied, nor can it be told of.
        let gate = playhead.database.connection("gate")
        try await gate.runScript("BEGIN; LOCK TABLE shadowed_session IN SHARE ROW EXCLUSIVE MODE")
        let copies = shadowed.copies.connection("full")
        _ = try await copies.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
        #expect(try await playhead.place(of: [.playing(session: "copied", seq: 1)], at: address) == "database")
        try await eventually("it is not copied") {
            try await first.metric(#"playhead_edge_shadow_events_total{outcome="not_copied"}"#) == 1
        }
        first.process.send(SIGKILL)
        _ = await first.ending()
        _ = try await copies.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
        try await gate.runScript("ROLLBACK")
        // Nobody has said yet what it did not copy.
        try await eventually("it counts as silent") { try await playhead.run("route", "show").output.contains("has told nothing for") }
        try await shadowed.verify(until: Self.line("not copied", 1), "has told nothing for", status: 2)
        #expect(try await playhead.run("route", "forget", "nobody").errors.contains("no edge has this name"))
        // The next one finds its journal.
        let second = try playhead.start(.edge)
        try await second.untilReady()
        try await eventually("the journal is told of") { second.logged("told of copies that a former edge did not make") == 1 }
        try await eventually("it need not be waited for") {
            try await !playhead.run("route", "show").output.contains("has told nothing for")
        }
        // Nothing else was there.
        try await shadowed.verify(until: Self.line("not copied", 1), status: 2)
    }

    @Test func whoeverIsErasedIsErasedFromTheShadowToo() async throws {
        let shadowed = try await ShadowedPlayhead()
        let playhead = shadowed.playhead
        try await playhead.route("set", "--async", "0")
        try await playhead.route("set", "--shadow", "100")
        try await playhead.place(of: [.playing(seq: 0), .playing(member: "stays", seq: 0)])
        let database = playhead.database.connection()
        let count = PostgresStatement(
            name: "test_count", sql: "SELECT (SELECT count(*) FROM shadow.playback_session), (SELECT count(*) FROM shadowed_session)")
        try await eventually("both are copied") { try await database.run(count()).int8(0, 0) == 2 }
        #expect(try await playhead.delete("/v1/members/m-1") == 204)
        let left = try await database.run(count())
        #expect(left.int8(0, 0) == 1 && left.int8(0, 1) == 1)
        // What comes later, or was on its way, stays out.
        try await playhead.place(of: [.playing(seq: 1), .playing(member: "stays", session: "later", seq: 0)])
        try await eventually("the later one is copied") { try await database.run(count()).int8(0, 0) == 2 }
        try await shadowed.settle()
        let later = try await database.run(count())
        #expect(later.int8(0, 0) == 2 && later.int8(0, 1) == 2)
        // Readmitted, it is in both again.
        #expect(try await playhead.run("readmit", "m-1").status == 0)
        try await playhead.place(of: [.playing(session: "again", seq: 0)])
        try await eventually("it is copied") { try await database.run(count()).int8(0, 0) == 3 }
    }
}
