import Models
import Testing

@testable import Operator

@Suite("Which rows of a ViewingActivity.csv are the same play")
struct NetflixIdentityTests {
    private static func sessionId(_ change: (inout NetflixFile) -> Void = { _ in }) throws -> OpaqueID {
        try #require(try NetflixFile.rows(.row(change), includeSupplemental: true)[0].sessionId)
    }

    @Test("what a later export tells otherwise does not change a session's id")
    func independent() throws {
        let usual = try Self.sessionId()
        #expect(try Self.sessionId { $0.latestBookmark = "Not latest view" } == usual)
        #expect(try Self.sessionId { $0.country = "SE (Sweden)" } == usual)
        #expect(try Self.sessionId { $0.duration = "00:10:00" } == usual)
        #expect(try Self.sessionId { $0.bookmark = "01:00:00" } == usual)
    }

    @Test("another profile, start, title, device or kind of video is another play")
    func dependent() throws {
        let ids = [
            try Self.sessionId(), try Self.sessionId { $0.profile = "Kim" }, try Self.sessionId { $0.start = "2025-11-14 21:40:13" },
            try Self.sessionId { $0.title = "Quiet River" }, try Self.sessionId { $0.device = "Tablet" },
            try Self.sessionId { $0.supplemental = "TRAILER" }, try Self.sessionId { $0.device = "" },
        ]
        #expect(Set(ids).count == ids.count)
    }

    @Test("where one cell ends and the next begins counts")
    func boundaries() {
        #expect(
            ImportedSession.id(service: "netflix", identity: ["ab", "c"]) != ImportedSession.id(service: "netflix", identity: ["a", "bc"]))
        #expect(ImportedSession.id(service: "netflix", identity: ["a"]) != ImportedSession.id(service: "spotify", identity: ["a"]))
    }

    @Test("an id has 128 bits in hexadecimal, leading zeros with them")
    func form() {
        for number in 0..<1000 {
            let id = ImportedSession.id(service: "netflix", identity: ["\(number)"])
            #expect(id.text.wholeMatch(of: /netflix-[0-9a-f]{32}/) != nil, "\(id)")
        }
    }

    @Test("of two reports of one play the longer counts, wherever it stands", arguments: [true, false])
    func repeats(longerFirst: Bool) throws {
        let longer = NetflixFile.row { $0.duration = "00:40:00" }
        let rows = try longerFirst ? NetflixFile.rows(longer, .row()) : NetflixFile.rows(.row(), longer)
        let (kept, left) = longerFirst ? (0, 1) : (1, 0)
        // Forty minutes after the start.
        #expect(rows[kept].events.last?.occurredAt == 1_763_158_812_000)
        #expect(rows[left].repeatedLine == rows[kept].line)
    }

    @Test("of three the longest counts, and both others name it")
    func threeReports() throws {
        let rows = try NetflixFile.rows(
            .row { $0.duration = "00:10:00" }, .row { $0.duration = "00:30:00" }, .row { $0.duration = "00:20:00" })
        #expect(rows.map(\.repeatedLine) == [3, nil, 3])
        #expect(rows.map(\.line) == [2, 3, 4])
    }

    @Test("of equal reports the first counts")
    func equalReports() throws {
        #expect(try NetflixFile.rows(.row(), .row(), .row { $0.country = "SE" }).map(\.repeatedLine) == [nil, 2, 2])
    }

    @Test("a bad report repeats nothing")
    func badReport() throws {
        let rows = try NetflixFile.rows(.row { $0.duration = "x" }, .row(), .row { $0.bookmark = "x" })
        #expect(rows.map(\.repeatedLine) == [nil, nil, nil])
        #expect(rows[1].events.count == 2)
    }
}
