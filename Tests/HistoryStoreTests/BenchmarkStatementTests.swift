import Foundation
import Testing

@testable import HistoryStore

/// The floors of reading are worth something only while they are the service's own statements.
@Suite struct BenchmarkStatementTests {
    private func benchmark(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Benchmarks/reads/\(name).sql"), encoding: .utf8)
    }

    private func words(_ sql: String) -> [Substring] {
        sql.split(separator: "\n").filter { !$0.hasPrefix("--") && !$0.hasPrefix("\\") }.joined(separator: " ")
            .replacing("::text", with: "").replacing("(", with: " ( ").replacing(")", with: " ) ").replacing(";", with: " ")
            .split(separator: " ", omittingEmptySubsequences: true)
    }

    @Test func historyIsTheSame() throws {
        var expected = HistorySQL.page.sql
        for (parameter, value) in [
            ("$6", "'infinity'"), ("$5", "'-infinity'"), ("$4", "''"), ("$3", "'infinity'"), ("$2", "21"), ("$1", ":member"),
        ] {
            expected = expected.replacing(parameter, with: value)
        }
        #expect(try words(benchmark("history")) == words(expected))
    }

    @Test func bookmarkIsTheSame() throws {
        let expected = HistorySQL.bookmark.sql.replacing("$1", with: ":member").replacing("$2", with: ":title")
        #expect(try words(benchmark("bookmark")) == words(expected))
    }
}
