import Models
import Oracle
import TestSupport
import Testing

/// The production fold against ``SlowReference``, over random sessions.
///
/// Every run draws new cases. A case that fails names its seed, and
/// `TEST_SEED=<seed> swift test --filter FoldReferenceTests` runs that one again.
@Suite("The fold agrees with a reference that never looks at runs")
struct FoldReferenceTests {
    private static let cases = 8000

    @Test("random sessions, repeated and reordered at random")
    func randomSessions() throws {
        let seeds = try RandomSession.seeds(Self.cases)
        var broken = 0
        var eventful = 0
        for seed in seeds {
            var random = SeededGenerator(seed: seed)
            let session = RandomSession(using: &random)
            let faults = Self.faults(of: session, using: &random)
            if session.isEventful { eventful += 1 }
            guard !faults.isEmpty else { continue }
            broken += 1
            Issue.record("TEST_SEED=\(seed): \(faults.joined(separator: "; "))")
            if broken == 3 { return }
        }
        // Else the cases would hardly try what runs are for.
        guard !RandomSession.isRepeating else { return }
        #expect(eventful * 10 >= seeds.count * 8, "only \(eventful) of \(seeds.count) sessions have 3 runs or more, a seek and a pause")
    }

    /// What is wrong with the fold of one session.
    private static func faults(of session: RandomSession, using random: inout SeededGenerator) -> [String] {
        let reference = SlowReference(session.arrived)
        guard let state = SessionState.folding(session.arrived) else { return ["no state"] }
        var faults: [String] = []
        if state.summary != reference.summary { faults.append("summary is \(state.summary), the reference has \(reference.summary)") }
        if state.sequenceRuns != reference.sequenceRuns { faults.append("runs are \(state.sequenceRuns), not \(reference.sequenceRuns)") }
        if state.eventCount != Int64(reference.events.count) { faults.append("\(state.eventCount) events, not \(reference.events.count)") }
        // What is stored counts too, not only what is shown.
        if state != SessionState.folding(session.events) { faults.append("the state differs from that of the events in order") }
        if state != interrupted(RandomSession.delivery(of: session.events, using: &random), using: &random) {
            faults.append("the state differs from that of another delivery, stored and read back on the way")
        }
        return faults
    }

    /// The fold of a delivery whose state was taken apart and rebuilt after a random number of events, as a database does.
    private static func interrupted(_ arrived: [PlaybackEvent], using random: inout SeededGenerator) -> SessionState? {
        let pause = Int.random(in: 1...arrived.count, using: &random)
        guard var state = SessionState.folding(arrived.prefix(pause)).map(storedAndReadBack) else { return nil }
        for event in arrived.dropFirst(pause) { state.apply(event) }
        return state
    }

    private static func storedAndReadBack(_ state: SessionState) -> SessionState {
        let runs = state.runs.map {
            SequenceRun(
                first: $0.first, firstFromPositionMs: $0.firstFromPositionMs, last: $0.last, creditMs: $0.creditMs,
                lastCreditAt: $0.lastCreditAt)
        }
        return SessionState(
            runs: runs, eventCount: state.eventCount, earliestAt: state.earliestAt, skewMs: state.skewMs,
            highestCompleteSeq: state.highestCompleteSeq, highestPlayingSeq: state.highestPlayingSeq, titleId: state.titleId,
            runtimeMs: state.runtimeMs, deviceId: state.deviceId, deviceType: state.deviceType, approximate: state.approximate)
    }
}
