import HistoryStore
import Models
import Testing

@testable import HistoryFormats

@Suite struct NetflixCSVTests {
    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("=SUM(A1)", "'=SUM(A1)"), ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"), ("'=x", "''=x"), ("'quoted'", "'quoted'"), ("=a,b", "\"'=a,b\""), ("", ""), ("a\"\u{301}b", "\"a\"\"\u{301}b\""),
    ])
    func aCellIsNeitherSplitNorRun(text: String, cell: String) {
        #expect(NetflixCSV.cell(text) == cell)
    }

    @Test(arguments: ["plain", "=SUM(A1)", "'=x", "''-x", "'quoted'", "@", "-", ""])
    func theApostropheIsTakenAwayAgain(text: String) {
        // As a reader of CSV hands it over: without its quotes.
        let cell = NetflixCSV.cell(text)
        let read = cell.hasPrefix("\"") ? String(cell.dropFirst().dropLast()).replacing("\"\"", with: "\"") : cell
        #expect(NetflixCSV.plain(read) == text)
    }
}
