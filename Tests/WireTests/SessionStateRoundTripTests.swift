import Models
import Testing
import Wire

@Suite("A session's state comes out of its row as it went in")
struct SessionStateRoundTripTests {
    /// Decoding must give back the state, and events that arrive later must do to both the same.
    private func expectRoundTrip(_ events: [PlaybackEvent], sourceLocation: SourceLocation = #_sourceLocation) throws -> SessionState {
        var state = try #require(SessionState.folding(events), sourceLocation: sourceLocation)
        var decoded = try WireSessionState.decode(WireSessionState.encode(state))
        #expect(decoded == state, sourceLocation: sourceLocation)
        #expect(decoded.summary == state.summary, sourceLocation: sourceLocation)
        for seq in 0...20 as ClosedRange<Int64> {
            state.apply(.sample(seq: seq))
            decoded.apply(.sample(seq: seq))
        }
        #expect(decoded == state, sourceLocation: sourceLocation)
        return decoded
    }

    @Test("after one event of each kind", arguments: EventKind.allCases)
    func oneEvent(kind: EventKind) throws {
        _ = try expectRoundTrip([.sample(seq: 3, kind: kind)])
    }

    @Test("with one run, credit and nothing optional")
    func oneRun() throws {
        _ = try expectRoundTrip((0...9).map { .sample(seq: $0) })
    }

    @Test("with gaps between runs")
    func gaps() throws {
        _ = try expectRoundTrip([0, 1, 2, 5, 7, 8, 12].map { .sample(seq: $0, kind: $0 == 8 ? .pause : .progress) })
    }

    @Test("with runs that a seek begins, which tells where it came from or does not", arguments: [nil, 0, 45_000] as [Int64?])
    func seekFirst(fromPositionMs: Int64?) throws {
        let events = [PlaybackEvent.sample(seq: 0), .sample(seq: 5, kind: .seek, fromPositionMs: fromPositionMs), .sample(seq: 6)]
        _ = try expectRoundTrip(events)
        _ = try expectRoundTrip(Array(events.dropFirst()))
    }

    @Test(
        "with the skew of its lowest seq, either way", arguments: [90_000, -90_000, 253_402_300_799_999, -253_402_300_799_999] as [Int64])
    func skew(skewMs: Int64) throws {
        _ = try expectRoundTrip([.sample(seq: 1, skewMs: skewMs), .sample(seq: 2)])
    }

    @Test("with each attribute at the seq that told it")
    func attributes() throws {
        let state = try expectRoundTrip([
            .sample(seq: 30).with { $0.titleId = "e\u{301}" }, .sample(seq: 31, kind: .complete).with { $0.runtimeMs = 1 },
            .sample(seq: 32).with { $0.deviceId = "d" }, .sample(seq: 33, kind: .stop).with { $0.deviceType = "tv" },
        ])
        #expect(state.runtimeMs == .init(value: 1, seq: 31))
        #expect(state.deviceId == .init(value: "d", seq: 32))
        #expect(state.highestCompleteSeq == 31)
    }

    @Test("approximate, with as many runs as there may be")
    func approximate() throws {
        let state = try #require(SessionState.folding((0...SessionState.maximalRuns).map { .sample(seq: Int64($0) * 10) }))
        try #require(state.approximate && state.runs.count == SessionState.maximalRuns)
        let decoded = try WireSessionState.decode(WireSessionState.encode(state))
        #expect(decoded == state)
        #expect(decoded.approximate)
    }

    @Test(
        "what is no state is told",
        arguments: [[], [0xff], [0x0a], [0x10, 0x01], [0x0a, 0x00], [0x0a, 0x04, 0x0a, 0x02, 0x20, 0x08]] as [[UInt8]])
    func undecodable(bytes: [UInt8]) {
        #expect(throws: UndecodableError.self) { try WireSessionState.decode(bytes) }
    }

    @Test("a run whose last event is of an unknown kind is no run")
    func unknownLastKind() throws {
        let state = try #require(SessionState.folding([.sample(seq: 1, kind: .pause), .sample(seq: 2, kind: .pause)]))
        var bytes = WireSessionState.encode(state)
        // The kind is the last field of an end: 0x20 0x03 for a pause.
        let kindAt = try #require(bytes.indices.dropLast().last { bytes[$0] == 0x20 && bytes[$0 + 1] == 0x03 }) + 1
        bytes[kindAt] = 8
        let error = try #require(throws: UndecodableError.self) { try WireSessionState.decode(bytes) }
        #expect(error.description == "a run ends with an unknown kind of event")
    }

    @Test(
        "a state that no events lead to is none: sums of its numbers could overflow",
        arguments: [
            (state(runs: [(2, 1)]), "a run ends before it begins"), (state(runs: [(1, 2), (3, 4)]), "runs touch, or are out of order"),
            (state(runs: [(5, 6), (1, 2)]), "runs touch, or are out of order"),
            (state(eventCount: 0), "the count of events does not fit the runs"),
            (state(eventCount: 3), "the count of events does not fit the runs"),
            (state(runs: [(0, .max)]), "a run's numbers are out of range"),
            (state(runs: [(-1, 1)]), "a run's numbers are out of range"), (state(positionMs: .max), "a run's numbers are out of range"),
            (state(at: .min), "a run's numbers are out of range"), (state(creditMs: -1), "a run's numbers are out of range"),
            (state(runtimeMs: .max), "the runtime is out of range"), (state(skewMs: .min), "a time is out of range"),
            (state(earliestAt: .max), "a time is out of range"),
        ])
    func impossible(state: SessionState, reason: String) throws {
        let error = try #require(throws: UndecodableError.self) { try WireSessionState.decode(WireSessionState.encode(state)) }
        #expect(error.description == reason)
    }

    private static func state(
        runs: [(Int64, Int64)] = [(1, 2)], positionMs: Int64 = 5, at: Timestamp = PlaybackEvent.sampleTime, creditMs: Int64 = 0,
        eventCount: Int64 = 2, earliestAt: Timestamp = PlaybackEvent.sampleTime, skewMs: Int64 = 0, runtimeMs: Int64? = nil
    ) -> SessionState {
        func end(_ seq: Int64) -> SequenceRun.End { .init(seq: seq, positionMs: positionMs, occurredAt: at, kind: .progress) }
        return SessionState(
            runs: runs.map { first, last in
                SequenceRun(first: end(first), firstFromPositionMs: nil, last: end(last), creditMs: creditMs, lastCreditAt: nil)
            },
            eventCount: eventCount, earliestAt: earliestAt, skewMs: skewMs, highestCompleteSeq: nil, highestPlayingSeq: nil,
            titleId: .init(value: "t", seq: 1), runtimeMs: runtimeMs.map { .init(value: $0, seq: 1) }, deviceId: nil, deviceType: nil,
            approximate: false)
    }
}
