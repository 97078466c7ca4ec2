import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct OperatorCommandTests {
    private static let header =
        "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country"

    @Test func anImportReportsBadRowsAndASecondOneChangesNothing() async throws {
        let playhead = try await Playhead()
        let file = try temporaryFile(
            """
            \(Self.header)
            p1,2021-10-01 19:10:03,00:49:09,,"Film, the",,TV,01:18:00,01:18:00,NZ
            p1,2021-10-01 18:10:03,00:00:30,,A trailer,TRAILER,TV,00:00:30,00:00:30,NZ
            p1,yesterday,00:10:00,,Other,,TV,00:10:00,00:10:00,NZ
            p1,2021-09-01 10:00:00,00:10:00,,\(String(repeating: "x", count: 300)),,TV,00:10:00,00:10:00,NZ
            """)
        defer { try? FileManager.default.removeItem(at: file) }
        var pages: [[HistoryPage.Session]] = []
        for _ in 0..<2 {
            let run = try await playhead.run("import", "netflix", file.path, "--edge", playhead.edge)
            #expect(run.status == 0 && run.output.contains("4 rows: 1 sent, 1 skipped, 0 repeats, 2 bad; 2 events accepted"), "\(run)")
            #expect(run.errors.contains("line 4: Start Time 'yesterday'") && run.errors.contains("line 5: titleId"), "\(run)")
            try await playhead.settle()
            pages.append(try await HTTP.get(playhead.query + "/v1/members/p1/history").json(HistoryPage.self).items)
        }
        #expect(pages[0] == pages[1], "not even a revision changed")
        #expect(pages[0].map(\.titleId) == ["Film, the"])
        #expect(pages[0].map(\.positionMs) == [4_680_000] && pages[0].map(\.watchedMs) == [2_949_000])
    }

    @Test func spotifyPlaysAreImported() async throws {
        let playhead = try await Playhead()
        let file = try temporaryFile(
            """
            [ {"endTime": "2019-11-03 17:47", "artistName": "A", "trackName": "B", "msPlayed": 203053},
              {"endTime": "2019-11-03 17:51", "artistName": "A", "msPlayed": 1},
              {"endTime": "2019-11-03 17:47", "artistName": "A", "trackName": "B", "msPlayed": 0} ]
            """)
        defer { try? FileManager.default.removeItem(at: file) }
        let run = try await playhead.run("import", "spotify", file.path, "--member", "me", "--edge", playhead.edge)
        #expect(run.status == 0 && run.output.contains("3 rows: 2 sent, 0 skipped, 0 repeats, 1 bad; 4 events accepted"), "\(run)")
        #expect(run.errors.contains("line 2: trackName is missing"), "\(run)")
        try await playhead.settle()
        let items = try await HTTP.get(playhead.query + "/v1/members/me/history").json(HistoryPage.self).items
        #expect(Set(items.map(\.watchedMs)) == [203_053, 0])
        #expect(items.allSatisfy { $0.titleId == "A – B" })
    }

    @Test func healthAndStatusTellTheTruth() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let port = try #require(try await playhead[.edge].admin().split(separator: ":").last)
        let healthy = try await playhead.run("health", "edge", "--port", String(port))
        #expect(healthy.status == 0 && healthy.output.contains("edge: ready"), "\(healthy)")
        #expect(try await playhead.run("health", "query", "--port", "1").status == 1)

        try await playhead.post(Viewing(members: 3, sessions: 1, events: 3).events)
        let settled = try await playhead.run("status", "--await-settled", "60")
        #expect(settled.status == 0 && settled.output.contains("dead letters"), "\(settled)")
        playhead[.processor].process.send(SIGKILL)
        await playhead[.processor].process.waitUntilExit()
        try await playhead.post(Viewing(members: 3, sessions: 1, events: 3).events)
        let behind = try await playhead.run("status", "--await-settled", "0")
        #expect(behind.status == 1 && behind.output.contains("not settled"), "\(behind)")
    }

    @Test func anEdgeThatIsNotThereIsSaidClearly() async throws {
        let file = try temporaryFile("\(Self.header)\n")
        defer { try? FileManager.default.removeItem(at: file) }
        let wrong = try RunningService(.playhead, arguments: ["import", "netflix", "/no/such/file"], environment: [:])
        #expect(await wrong.process.waitUntilExit() != 0)
        #expect(wrong.process.errorOutput.contains("/no/such/file"))
        let badAddress = try RunningService(.playhead, arguments: ["import", "netflix", file.path, "--edge", "nonsense"], environment: [:])
        #expect(await badAddress.process.waitUntilExit() != 0)
        #expect(badAddress.process.errorOutput.contains("http://127.0.0.1:8080"))
    }

    private func temporaryFile(_ content: String) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "playhead-import-\(UUID().uuidString)")
        try content.write(to: file, atomically: true, encoding: .utf8)
        return file
    }
}
