import Models
import Oracle
import TestSupport
import Testing
import Wire

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("States of sessions, damaged at random")
struct SessionStateFuzzTests {
    private static let mutator = ProtoMutator(
        corpus: [
            [.playing(seq: 0)], (0..<5).map { .playing(seq: $0) }, [0, 1, 4, 5, 9].map { .playing(seq: $0) },
            (3..<9).map { seq in
                PlaybackEvent.playing(seq: seq * seq).with {
                    $0.kind = EventKind.allCases[Int(seq) % EventKind.allCases.count]
                    $0.fromPositionMs = $0.kind == .seek ? 40 : nil
                    $0.skewMs = 90_000
                }
            },
        ].compactMap { SessionState.folding($0).map(WireSessionState.encode) })

    @Test("what is taken for a state can be read, stored, and folded on")
    func states() async throws {
        let report = try await Fuzz.run("session states") { random in
            let bytes = Self.mutator.input(using: &random)
            guard var state = try? WireSessionState.decode(bytes) else { return ProtoField.fields(in: bytes) != nil }
            try Fuzz.require((try? WireSessionState.decode(WireSessionState.encode(state))) == state, "stored anew it is another: \(bytes)")
            let summary = state.summary
            try Fuzz.require(summary.watchedMs >= 0 && summary.positionMs >= 0 && summary.startedAt >= 0, "\(summary): \(bytes)")
            let runs = state.sequenceRuns
            try Fuzz.require(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound - 1 }, "runs touch: \(bytes)")
            for seq in [0, 2, 3, 1 << 53] as [Int64] { state.apply(.playing(seq: 1).with { $0.seq = seq }) }
            try Fuzz.require((try? WireSessionState.decode(WireSessionState.encode(state))) == state, "folded on it is no state: \(bytes)")
            _ = state.summary
            return true
        }
        #expect(report.complaints == [])
    }
}
