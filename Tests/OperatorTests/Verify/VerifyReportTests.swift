import Models
import Testing

@testable import Operator

@Suite("The report of playhead verify")
struct VerifyReportTests {
    private static func report(_ change: (inout VerifyReport) -> Void = { _ in }) -> VerifyReport {
        var report = VerifyReport(
            acceptedSessions: 2, acceptedEvents: 16, uncertainSessions: 0, verified: VerifiedHistory(sessions: 2, events: 16),
            unsettled: nil)
        change(&report)
        return report
    }

    @Test("is good when everything accepted is verified")
    func good() {
        #expect(Self.report().isGood)
        #expect(
            Self.report().lines == ["accepted  16 events, 2 sessions", "verified  16 events, 2 sessions", "0 differences"])
    }

    @Test("is not good when something lacks, differs or is not settled")
    func bad() {
        #expect(!Self.report { $0.verified.sessions = 1 }.isGood)
        #expect(!Self.report { $0.verified.events = 15 }.isGood)
        #expect(!Self.report { $0.unsettled = "3 partitions" }.isGood)
        #expect(Self.report { $0.unsettled = "3 partitions" }.lines.first == "not settled: 3 partitions; what differs may only be late")
        #expect(!Self.report { $0.verified.differences = [Difference(kind: .order, memberId: "m", detail: "x")] }.isGood)
    }

    @Test("counts the differences of each kind, and shows the first")
    func differences() {
        let report = Self.report {
            $0.verified.differences =
                (0..<7).reversed().map { Difference(kind: .field("watchedMs"), memberId: "m", detail: "session \($0)") }
                + [Difference(kind: .missingSession, memberId: "m", detail: "session x")]
        }
        #expect(
            Array(report.lines.dropFirst(2)) == [
                "8 differences", "  field watchedMs: 7", "    session 0", "    session 1", "    session 2", "    session 3",
                "    session 4",
                "    and 2 more", "  missing session: 1", "    session x",
            ])
    }

    @Test("tells of sessions that cannot be compared")
    func uncertain() {
        let report = Self.report { $0.uncertainSessions = 3 }
        #expect(report.isGood && report.lines[2].hasPrefix("uncertain 3 sessions"))
    }
}
