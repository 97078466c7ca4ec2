import ArgumentParser
import Models
import Testing

@testable import Operator

@Suite("Netflix' ViewingActivity.csv")
struct NetflixExportTests {
    @Test("a row is a play from its start to its bookmark")
    func row() throws {
        let rows = try NetflixFile.rows(.row())
        try #require(rows.count == 1)
        #expect(rows[0].line == 2)
        // The id was worked out with Python: an import next year must find the same session.
        let start = PlaybackEvent(
            memberId: "Robin", sessionId: "netflix-36659c2eccfc302461f2abb9706cf68b", seq: 0, kind: .start, titleId: "Quiet Rivers",
            positionMs: 600_000, occurredAt: 1_763_156_412_000, deviceType: "Phone")
        var stop = start
        (stop.seq, stop.kind, stop.positionMs, stop.occurredAt) = (1, .stop, 1_890_000, 1_763_157_702_000)
        #expect(rows[0].events == [start, stop])
    }

    @Test("who watched for longer than the bookmark says went back to it at the end")
    func bookmarkBeforeDuration() throws {
        let events = try NetflixFile.rows(.row { $0.bookmark = "00:00:10" })[0].events
        #expect(events.map(\.kind) == [.start, .seek, .stop])
        #expect(events.map(\.positionMs) == [0, 10_000, 10_000])
        #expect(events.map(\.fromPositionMs) == [nil, 1_290_000, nil])
    }

    @Test("a device that is not told is left out")
    func noDevice() throws {
        let events = try NetflixFile.rows(.row { $0.device = "" })[0].events
        #expect(events.count == 2 && events.allSatisfy { $0.deviceType == nil })
    }

    @Test(
        "hours may have any number of digits",
        arguments: [("100:00:01", 360_001_000), ("0:00:01", 1000), ("00:59:59", 3_599_000)] as [(String, Int64)])
    func hours(bookmark: String, positionMs: Int64) throws {
        #expect(try NetflixFile.rows(.row { $0.bookmark = bookmark })[0].events.last?.positionMs == positionMs)
    }

    @Test("trailers and the like are left out unless they are asked for")
    func supplemental() throws {
        let trailer = NetflixFile.row { $0.supplemental = "TRAILER" }
        let without = try NetflixFile.rows(trailer, .row())
        #expect(without.map(\.isSkipped) == [true, false])
        let with = try NetflixFile.rows(trailer, .row(), includeSupplemental: true)
        #expect(with.map(\.events.count) == [2, 2])
        #expect(with[0].sessionId != with[1].sessionId)
    }

    @Test("columns are found by their names, whatever their order, quoting and byte order mark")
    func columnOrder() throws {
        let text = """
            \u{feff}"Bookmark",Title,Extra,Device Type,Supplemental Video Type,Duration,Start Time,"Profile Name"\r
            00:31:30,Quiet Rivers,x,Phone,,00:21:30,2025-11-14 21:40:12,Robin\r

            """
        let rows = try NetflixExport.rows(in: Array(text.utf8), includeSupplemental: false)
        #expect(rows.map(\.events) == [try NetflixFile.rows(.row())[0].events])
    }

    @Test(
        "a file without one of the columns is none, and the column is named",
        arguments: ["Profile Name", "Start Time", "Duration", "Title", "Supplemental Video Type", "Device Type", "Bookmark"])
    func missingColumn(column: String) throws {
        // "Latest Bookmark" is another column than "Bookmark".
        let header = NetflixFile.header.split(separator: ",").filter { $0 != column }.joined(separator: ",")
        let error = try #require(throws: CommandFailure.self) {
            try NetflixExport.rows(in: Array(header.utf8), includeSupplemental: false)
        }
        #expect(error.description.contains("'\(column)'"))
    }

    @Test("a file without anything is none", arguments: ["", "\n\n", "[{}]", "\u{feff}"])
    func otherFile(text: String) {
        #expect(throws: CommandFailure.self) { try NetflixExport.rows(in: Array(text.utf8), includeSupplemental: false) }
    }

    @Test("a header alone has no rows")
    func headerOnly() throws {
        #expect(try NetflixFile.rows().isEmpty)
    }
}
