import EventStream
import Testing

@testable import Operator

@Suite("Requests between two looks")
struct RequestMeterTests {
    private func edge(_ name: String, answered: Int, failed: Int) -> EdgeLedger.Edge {
        var report = EdgeReport(routeVersion: 1, makesCopies: true, hasShadowed: true)
        report.asynchronous.answered = answered
        report.asynchronous.failed = failed
        report.synchronous.failed = 1000
        return EdgeLedger.Edge(name: name, report: report, ageMs: 0)
    }

    @Test("are those of the asynchronous way since the last look, of each edge by itself")
    func looks() {
        var meter = RequestMeter()
        #expect(meter.note([edge("a", answered: 500, failed: 5)]) == (0, 0), "what was before is nobody's fault")
        #expect(meter.note([edge("a", answered: 510, failed: 7), edge("new", answered: 3, failed: 1)]) == (16, 3))
        // One that started anew counts from 0; one that is gone is not counted.
        #expect(meter.note([edge("a", answered: 2, failed: 0)]) == (0, 0))
        #expect(meter.note([edge("a", answered: 4, failed: 0)]) == (2, 0))
    }
}
