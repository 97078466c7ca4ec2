import Models
import Testing

@testable import Operator

@Suite("Bad rows of a ViewingActivity.csv spoil only themselves")
struct NetflixBadRowTests {
    @Test(
        "the value that does not fit is told",
        arguments: [
            (
                NetflixFile.row { $0.start = "2025-11-14 25:00:00" },
                "Start Time '2025-11-14 25:00:00' is not of the form 2021-10-01 19:10:03"
            ),
            (.row { $0.start = "2025-02-29 10:00:00" }, "Start Time '2025-02-29 10:00:00' is not of the form 2021-10-01 19:10:03"),
            (.row { $0.start = "" }, "Start Time '' is not of the form 2021-10-01 19:10:03"),
            (.row { $0.start = "1999-12-31 23:59:59" }, "occurredAt is before 2000-01-01T00:00:00Z: is the device's clock set?"),
            (.row { $0.duration = "21:30" }, "Duration '21:30' is not of the form H:MM:SS"),
            (.row { $0.duration = "00:60:00" }, "Duration '00:60:00' is not of the form H:MM:SS"),
            (.row { $0.duration = "00:00:60" }, "Duration '00:00:60' is not of the form H:MM:SS"),
            (.row { $0.duration = "-1:00:00" }, "Duration '-1:00:00' is not of the form H:MM:SS"),
            (.row { $0.duration = "9223372036854775807:00:00" }, "Duration '9223372036854775807:00:00' is not of the form H:MM:SS"),
            (.row { $0.bookmark = "" }, "Bookmark '' is not of the form H:MM:SS"),
            (.row { $0.bookmark = "0:0:0:0" }, "Bookmark '0:0:0:0' is not of the form H:MM:SS"),
            (.row { $0.bookmark = "00:31:xx" }, "Bookmark '00:31:xx' is not of the form H:MM:SS"),
            (.row { $0.title = String(repeating: "é", count: 129) }, "titleId must have 1 to 256 bytes of UTF-8, not 258"),
            (.row { $0.title = "" }, "titleId must have 1 to 256 bytes of UTF-8, not 0"),
            (.row { $0.title = "\"a\nb\"" }, "titleId must not contain control characters (U+0000–1F, U+007F–9F)"),
            (.row { $0.profile = "" }, "memberId must have 1 to 256 bytes of UTF-8, not 0"),
            (.row { $0.device = String(repeating: "x", count: 257) }, "deviceType must have 1 to 256 bytes of UTF-8, not 257"),
            (.row { $0.country = "DK,x" }, "the row has 11 cells, the header 10"),
        ])
    func reasons(row: NetflixFile, reason: String) throws {
        let rows = try NetflixFile.rows(.row { $0.title = "Before" }, row, .row { $0.title = "After" })
        try #require(rows.count == 3)
        #expect(rows.map(\.events.count) == [2, 0, 2])
        #expect(rows[1].badReason == reason)
        #expect(rows[1].line == 3)
    }

    @Test("a title of exactly 256 bytes is taken")
    func longestTitle() throws {
        let title = String(repeating: "é", count: 128)
        #expect(try NetflixFile.rows(.row { $0.title = title })[0].events.map(\.titleId.text) == [title, title])
    }

    @Test("rows after a cell of several lines have the right line")
    func lines() throws {
        let rows = try NetflixFile.rows(
            .row { $0.country = "\"DK\n\n(Denmark)\"" }, .row { $0.duration = "x" }, .row { $0.title = "\"\n\"" },
            .row { $0.bookmark = "y" })
        #expect(rows.map(\.line) == [2, 5, 6, 8])
        #expect(rows.map { $0.badReason == nil } == [true, false, false, false])
    }

    @Test("a bad trailer is still a trailer")
    func badTrailer() throws {
        let row = NetflixFile.row {
            $0.supplemental = "TRAILER"
            $0.start = "x"
        }
        #expect(try NetflixFile.rows(row)[0].isSkipped)
        #expect(try NetflixFile.rows(row, includeSupplemental: true)[0].badReason != nil)
    }
}
