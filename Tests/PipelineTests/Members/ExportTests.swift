import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

@Suite(.serialized) struct ExportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func whatIsExportedIsTheSameHistoryInAnEmptyDatabase() async throws {
        let playhead = try await Playhead()
        let viewing = Viewing(members: 1, sessions: 1200, events: 3)
        try await playhead.post(
            viewing.events + [.playing(member: "member-0", session: "gaps", seq: 3), .playing(member: "member-0", session: "gaps", seq: 9)])
        try await playhead.settle()
        let member = playhead.query + "/v1/members/member-0"
        let export = try await HTTP.get(member + "/history/export?format=ndjson")
        #expect(export.status == 200 && export.header("content-type") == "application/x-ndjson")
        #expect(export.text.split(separator: "\n").count == 1201)
        #expect(try await playhead.run("export", "member-0").output == export.text)
        let file = folder.url.appending(path: "history.ndjson")
        try export.body.write(to: file)

        let other = try await Playhead([.query])
        let imported = try await other.run("import", "ndjson", file.path)
        #expect(
            imported.output
                == "1201 sessions written, 0 there already, 0 different, 0 of erased members, 0 older than is kept, 0 bad lines\n",
            "\(imported)")
        let expected = try await sessions(playhead)
        #expect(try await sessions(other) == expected && expected.count == 1201)
        #expect(try await other.run("import", "ndjson", file.path).output.hasPrefix("0 sessions written, 1201 there already, 0 different"))
        let gaps: HistoryPage.Session = try await HTTP.get(other.query + "/v1/members/member-0/sessions/gaps").json()
        #expect(gaps.sequenceRuns == [[3, 3], [9, 9]])
    }

    /// Everything but the revision.
    private func sessions(_ playhead: Playhead) async throws -> [SessionKey: SessionSummary] {
        var found: [SessionKey: SessionSummary] = [:]
        var cursor: HistoryCursor?
        repeat {
            let page = try await HistoryReader(pool: playhead.database.pool()).history(
                of: "member-0", filter: .init(), after: cursor, limit: 500)
            for session in page.sessions { found[SessionKey(memberId: "member-0", sessionId: session.sessionId)] = session.summary }
            cursor = page.next
        } while cursor != nil
        return found
    }

    @Test func theCSVComesBackColumnByColumn() async throws {
        let playhead = try await Playhead()
        let titles: [OpaqueID] = ["=HYPERLINK(\"http://x\")", "plain", "a, \"quoted\" one", "'=x", "Größe: S1 E2"]
        var events: [PlaybackEvent] = []
        for (index, title) in titles.enumerated() {
            let start = PlaybackEvent.sampleTime + Int64(index) * 3_600_000
            events += (0..<4).map { .playing(member: "=member", session: OpaqueID("s-\(index)"), seq: $0, title: title, startedAt: start) }
        }
        // Watched for longer than the place where it was left: from the end back to the beginning.
        var rewound = PlaybackEvent.playing(
            member: "=member", session: "s-0", seq: 4, title: titles[0], startedAt: PlaybackEvent.sampleTime)
        rewound.kind = .seek
        rewound.fromPositionMs = 40_000
        rewound.positionMs = 2000
        try await playhead.post(events + [rewound])
        try await playhead.settle()
        let csv = try await HTTP.get(playhead.query + "/v1/members/%3Dmember/history/export").text
        #expect(
            csv.hasPrefix(
                "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country\r\n"
            ))
        for line in csv.split(separator: "\r\n").dropFirst() { #expect(line.hasPrefix("'=member,"), "\(line)") }
        let file = folder.url.appending(path: "ViewingActivity.csv")
        try Data(csv.utf8).write(to: file)

        let other = try await Playhead()
        let imported = try await other.run("import", "netflix", file.path, "--edge", other.edge)
        #expect(imported.status == 0, "\(imported)")
        try await other.settle()
        #expect(try await HTTP.get(other.query + "/v1/members/%3Dmember/history/export?format=csv").text == csv)
    }

    @Test func aLargeHistoryIsCompressedAndHiddenViewingIsNotInIt() async throws {
        let playhead = try await Playhead()
        try await playhead.post(Viewing(members: 1, sessions: 700, events: 1).events)
        try await playhead.settle()
        let url = playhead.query + "/v1/members/member-0/history"
        let plain = try await HTTP.get(url + "/export")
        let packed = try await HTTP.get(url + "/export", headers: [("accept-encoding", "gzip")])
        #expect(packed.header("content-encoding") == "gzip" && packed.body.count < plain.body.count / 4)
        #expect(try await HTTP.get(url + "?limit=1").header("content-encoding") == nil)
        #expect(try await HTTP.get(url + "?limit=100", headers: [("accept-encoding", "gzip")]).header("content-encoding") == "gzip")
        #expect(try await playhead.delete("/v1/members/member-0/history") == 204)
        #expect(try await HTTP.get(url + "/export?format=ndjson").body.isEmpty)
        #expect(try await HTTP.get(url + "/export?format=xml").status == 400)
    }

    /// The same with a million sessions takes a minute, and no more memory.
    @Test func memoryDoesNotGrowWithTheHistory() async throws {
        let playhead = try await Playhead()
        try await playhead.post([.playing(member: "many", seq: 0), .playing(member: "many", seq: 1)])
        try await playhead.settle()
        try await playhead.database.connection().runScript(
            """
            INSERT INTO playback_session
            SELECT member_id, 'copy-' || i, 't-' || i % 5000, started_at - i * interval '1 minute', last_watched_at - i * interval '1 minute',
                   position_ms, runtime_ms, watched_ms, missing_events, nextval('session_revision'), now(), completed, approximate, device_id,
                   device_type, state
            FROM playback_session, generate_series(1, 199999) i
            """)
        for (format, lines) in [("csv", 200_001), ("ndjson", 200_000)] {
            // The first takes what any export takes.
            _ = try await HTTP.get(playhead.query + "/v1/members/nobody/history/export?format=\(format)")
            let before = try playhead[.query].process.peakMemory
            let received = try await HTTP.count("\n", in: playhead.query + "/v1/members/many/history/export?format=\(format)")
            #expect(received.count == lines && received.bytes > 12_000_000)
            let grown = try playhead[.query].process.peakMemory - before
            #expect(grown < 8 << 20, "\(grown) bytes for \(received.bytes)")
        }
    }
}
