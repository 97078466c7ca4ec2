import Foundation
import Models
import Testing

@testable import Operator

@Suite("What came of a session's events")
struct SessionRecordTests {
    /// Six events, each delivered twice.
    private static let session = SimulatedSession(
        number: 3, memberId: "m", sessionId: "s", title: CatalogueTitle(rank: 0), episode: 0, device: ViewerDevice(member: 0, number: 0),
        startedAt: 1_763_700_000_000,
        events: (0..<6).map {
            SimulatedEvent(
                kind: $0 == 0 ? .start : .progress, positionMs: $0 * 1000, fromPositionMs: nil, atMs: $0 * 1000, tellsRuntime: true,
                tellsDevice: true)
        },
        deliveries: (0..<12).map { Delivery(atMs: 0, event: $0 / 2, isCopy: $0 % 2 == 1) }, counts: PerturbationCounts())

    private static func record(_ outcomes: [(Int, SessionRecord.Outcome)]) -> SessionRecord {
        var record = SessionRecord(session)
        for (event, outcome) in outcomes { record.note(outcome, ofEvent: event) }
        return record
    }

    @Test("is that an accepted copy counts, whatever became of the other")
    func acceptance() {
        let others: [SessionRecord.Outcome] = [.accepted, .unanswered, .refused]
        for other in others {
            for pair in [[other, .accepted], [.accepted, other]] {
                #expect(Self.record(pair.map { (2, $0) }).count(.accepted) == 1)
            }
        }
        #expect(Self.record([(2, .refused), (2, .unanswered)]).count(.unanswered) == 1)
        #expect(Self.record([(2, .unanswered), (2, .refused)]).count(.unanswered) == 1)
    }

    @Test("is complete when every delivery has an outcome")
    func outstanding() {
        #expect(Self.record([]).outstanding == 12)
        #expect(Self.record((0..<12).map { ($0 / 2, .accepted) }).outstanding == 0)
    }

    @Test("is a truth of the accepted events, and what they make")
    func truth() throws {
        let truth = try #require(Self.record([(0, .accepted), (1, .accepted), (4, .accepted), (5, .refused)]).truth)
        #expect(truth.events.map(\.seq) == [0, 1, 4] && truth.unanswered.isEmpty)
        #expect(truth.expected?.sequenceRuns == [[0, 1], [4, 4]] && truth.expected?.missingEvents == 2)
        #expect(truth.expected?.watchedMs == 4000)
    }

    @Test("is not known where a request was never answered")
    func unanswered() throws {
        let truth = try #require(Self.record([(0, .accepted), (3, .unanswered)]).truth)
        #expect(truth.events.map(\.seq) == [0] && truth.unanswered == [3] && truth.expected == nil)
    }

    @Test("is nothing where nothing was taken")
    func nothing() {
        #expect(Self.record([]).truth == nil && Self.record([(0, .refused)]).truth == nil)
    }

    @Test("goes into the truth file when the last delivery is answered, or at the end")
    func ledger() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "truth-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let plan = SimulationPlan.sample { $0.perturbation.duplicates = 0.5 }
        let ledger = try TruthLedger(plan: plan, path: path)
        await #expect(throws: TruthFileError.self, "it is not complete yet") { try await TruthReader(path: path).sessions() }
        let batches = Array(RequestBatches(plan.deliveries, eventsPerRequest: 50))
        var events: Set<String> = []
        for (number, batch) in batches.enumerated() {
            // Now and then one is refused, and one batch is never answered.
            try await ledger.note(number == 5 ? .none : .accepted(refused: number == 9 ? [4] : []), to: batch)
            for item in batch.items { events.insert("\(item.session.number)/\(item.event)") }
        }
        let totals = try await ledger.finish(sessions: 300, made: PerturbationCounts())
        #expect(totals.accepted + totals.refused + totals.unanswered == events.count)
        #expect((0...1).contains(totals.refused) && (10...50).contains(totals.unanswered))
        let sessions = try await TruthReader(path: path).sessions()
        #expect(sessions.count == totals.lines && sessions.contains { $0.expected == nil })
        #expect(sessions.reduce(0) { $0 + $1.acceptedEvents } == totals.accepted)
    }
}
