import ArgumentParser
import Foundation
import Models
import Testing

@testable import Operator

/// What a comparison says of what it found.
struct ShadowReportTests {
    private static func key(_ session: String) -> SessionKey { SessionKey(memberId: "m-1", sessionId: OpaqueID(session)) }

    @Test("mismatches are a rate of what was compared, in words and for programs")
    func rates() throws {
        var report = ShadowReport()
        #expect(report.lines.contains("0 mismatches") && report.mismatchRate == nil && report.provesNothing)
        for number in 0..<7 { report.add(.equal, of: Self.key("equal-\(number)")) }
        report.add(.notCopied, of: Self.key("not-copied"))
        #expect(report.lines.contains("0 mismatches") && report.mismatchRate == 0 && !report.provesNothing)
        report.add(
            .differs([
                FieldDifference(name: "positionMs", expected: "1", actual: "2"),
                FieldDifference(name: "watchedMs", expected: "3", actual: "4"),
            ]),
            of: Self.key("other"))
        #expect(report.compared == 8 && report.mismatchRate == 0.125)
        #expect(report.lines.contains("1 mismatch, 12.50 % of what was compared"), "\(report.lines)")
        #expect(report.lines.contains("differing     1  (positionMs 1, watchedMs 1)"), "\(report.lines)")
        #expect(report.exampleLines.first == "positionMs: session other of member m-1: 1, the shadow has 2")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
        #expect(json["mismatchRate"] as? Double == 0.125 && json["compared"] as? Int == 8 && json["notCopied"] as? Int == 1)
        #expect((json["fields"] as? [String: Int]) == ["positionMs": 1, "watchedMs": 1])
    }

    @Test("at most ten examples of a kind")
    func examples() {
        var report = ShadowReport()
        for number in 0..<12 {
            report.add(.onlyHere, of: Self.key("here-\(number)"))
            report.add(.onlyThere, of: Self.key("there-\(number)"))
        }
        #expect(report.mismatches == 24 && report.examples.count == 20)
    }

    @Test(
        "what goes with --shadow alone is refused without it",
        arguments: [["--since", "24h"], ["--json", "x"], ["--continuous"], ["--rate", "5"], ["--settle", "1m"], ["--interval", "5s"]])
    func options(given: [String]) throws {
        let error = #expect(throws: (any Error).self) { try VerifyCommand.parse(["--truth", "x"] + given) }
        #expect(VerifyCommand.message(for: try #require(error)).contains("\(given[0]) goes with --shadow"))
        #expect(throws: Never.self) { try VerifyCommand.parse(["--shadow"] + given) }
    }
}
