import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

/// What is hidden and erased stays so, whatever arrives by whichever way.
@Suite(.serialized) struct HidingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func repeatedImportsDoNotBringItBack() async throws {
        let playhead = try await Playhead()
        let csv = folder.url.appending(path: "ViewingActivity.csv")
        let rows = ["Quiet Rivers", "Harbour Lights"].map { "Robin,2025-11-14 21:40:12,00:21:30,,\($0),,Phone,00:31:30,Not latest view,DE" }
        let header =
            "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country"
        try Data(([header] + rows).joined(separator: "\n").utf8).write(to: csv)
        #expect(try await playhead.run("import", "netflix", csv.path, "--edge", playhead.edge).status == 0)
        try await playhead.settle()
        let ndjson = folder.url.appending(path: "history.ndjson")
        try await HTTP.get(playhead.query + "/v1/members/Robin/history/export?format=ndjson").body.write(to: ndjson)
        #expect(try await playhead.shown("Robin").count == 2)

        #expect(try await playhead.delete("/v1/members/Robin/history/Quiet%20Rivers") == 204)
        #expect(try await playhead.run("import", "netflix", csv.path, "--edge", playhead.edge).status == 0)
        #expect(try await playhead.run("import", "ndjson", ndjson.path).output.hasPrefix("0 sessions written, 2 there already"))
        try await playhead.settle()
        #expect(try await playhead.shown("Robin").map(\.titleId) == ["Harbour Lights"])

        #expect(try await playhead.delete("/v1/members/Robin") == 204)
        #expect(try await playhead.run("import", "netflix", csv.path, "--edge", playhead.edge).status == 0)
        #expect(try await playhead.run("import", "ndjson", ndjson.path).output.contains(" 2 of erased members"))
        try await playhead.settle()
        #expect(try await playhead.shown("Robin").isEmpty)
        let rest = try await playhead.database.connection().run(
            PostgresStatement(name: "rest", sql: "SELECT count(*) FROM playback_session WHERE member_id = 'Robin'")())
        #expect(rest.int8(0, 0) == 0)
    }

    @Test func replayedDeadLettersDoNotBringItBack() async throws {
        let playhead = try await Playhead()
        let administrator = playhead.database.connection("administrator")
        try await administrator.runScript("ALTER TABLE playback_session ADD CONSTRAINT planted CHECK (position_ms <> 20000)")
        try await playhead.post([.playing(seq: 0), .playing(seq: 1), .playing(member: "m-2", seq: 0), .playing(member: "m-2", seq: 1)])
        try await playhead.settle()
        try await playhead.post([.playing(seq: 2), .playing(member: "m-2", seq: 2)])
        try await playhead.settle()
        let store = DeadLetterStore(connection: administrator)
        #expect(try await store.count() == 2)
        #expect(try await playhead.delete("/v1/members/m-1/history/t-1") == 204)
        try await administrator.runScript("ALTER TABLE playback_session DROP CONSTRAINT planted")
        #expect(try await playhead.deadLetters("replay", "--all").output.hasPrefix("2 dead letters replayed"))
        try await playhead.settle()
        #expect(try await playhead.shown("m-1").isEmpty)
        #expect(try await playhead.shown("m-2").map(\.watchedMs) == [20_000])
        #expect(try await playhead.delete("/v1/members/m-2") == 204)
        #expect(try await store.count() == 0)
    }

    @Test func lateEventsDoNotBringItBack() async throws {
        let playhead = try await Playhead()
        try await playhead.post([.playing(seq: 0), .playing(seq: 1)])
        try await playhead.settle()
        #expect(try await playhead.shown("m-1").map(\.watchedMs) == [10_000])
        #expect(try await playhead.delete("/v1/members/m-1/history/t-1") == 204)
        #expect(try await playhead.shown("m-1").isEmpty)
        try await playhead.post([.playing(seq: 0), .playing(seq: 1), .playing(seq: 2), .playing(session: "s-2", seq: 0)])
        try await playhead.settle()
        #expect(try await playhead.shown("m-1").isEmpty)
        let now = Int64(Date.now.timeIntervalSince1970 * 1000) + 60_000
        try await playhead.post([.playing(session: "s-3", seq: 0, startedAt: now)])
        try await playhead.settle()
        #expect(try await playhead.shown("m-1").map(\.sessionId) == ["s-3"])
    }

    @Test func anErasedMembersEventsAreAcknowledgedAndCountedUntilItIsReadmitted() async throws {
        let playhead = try await Playhead()
        try await playhead.post([.playing(seq: 0), .playing(member: "m-2", seq: 0)])
        try await playhead.settle()
        #expect(try await playhead.delete("/v1/members/m-1") == 204)
        #expect(try await playhead.delete("/v1/members/m-1") == 204, "it can be repeated")
        try await playhead.post([.playing(seq: 1), .playing(session: "s-2", seq: 0)])
        try await playhead.settle()
        #expect(try await playhead.shown("m-1").isEmpty)
        #expect(try await playhead.shown("m-2").count == 1)
        try await eventually("they are counted") {
            try await playhead[.processor].metric("playhead_processor_events_total{outcome=\"erased\"}") == 2
        }
        let readmit = try playhead.start(.playhead, arguments: ["readmit", "m-1"])
        #expect(await readmit.process.waitUntilExit() == 0, "\(readmit.process.errorOutput)")
        try await playhead.post([.playing(session: "s-3", seq: 0)])
        try await playhead.settle()
        #expect(try await playhead.shown("m-1").map(\.sessionId) == ["s-3"])
    }

    /// Browsers make `…/m-1/` of a title that is called `..`.
    @Test func aPathWithAnEmptyPartErasesNobody() async throws {
        let playhead = try await Playhead()
        try await playhead.post([.playing(seq: 0)])
        try await playhead.settle()
        for path in ["/v1/members/m-1/", "/v1/members/m-1/history/", "/v1/members//m-1", "/v1/members/m-1//history"] {
            #expect(try await playhead.delete(path) == 404, "\(path)")
        }
        #expect(try await playhead.shown("m-1").count == 1)
        // Titles whose names are those of other paths.
        for title in ["export", "live"] {
            try await playhead.post([.playing(session: OpaqueID(title), seq: 0, title: OpaqueID(title))])
            try await playhead.settle()
            #expect(try await playhead.shown("m-1").count == 2)
            #expect(try await playhead.delete("/v1/members/m-1/history/\(title)") == 204)
            #expect(try await playhead.shown("m-1").count == 1)
        }
    }
}
