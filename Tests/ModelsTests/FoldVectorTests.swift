import Models
import Oracle
import Testing

@Suite("The fold gives what the shared vectors expect")
struct FoldVectorTests {
    private static let shuffles: UInt64 = 100

    @Test("every vector is there")
    func count() throws {
        #expect(try FoldVector.load().count == 86)
    }

    @Test("in the given order", arguments: try FoldVector.load())
    func givenOrder(vector: FoldVector) throws {
        try check(vector.playbackEvents(), against: vector.expect)
    }

    @Test("in any order", arguments: try FoldVector.load())
    func anyOrder(vector: FoldVector) throws {
        let events = try vector.playbackEvents()
        for seed in 0..<Self.shuffles {
            var random = SeededGenerator(seed: seed)
            try check(events.shuffled(using: &random), against: vector.expect, "shuffled by seed \(seed)")
        }
    }

    /// The reference that judges the random sessions must itself pass.
    @Test("by the slow reference", arguments: try FoldVector.load())
    func slowReference(vector: FoldVector) throws {
        let reference = SlowReference(try vector.playbackEvents())
        check(reference.summary, reference.sequenceRuns, against: vector.expect, "by the reference")
    }

    private func check(_ events: [PlaybackEvent], against expected: FoldVector.Expectation, _ how: Comment = "as given") throws {
        let state = try #require(SessionState.folding(events))
        check(state.summary, state.sequenceRuns, against: expected, how)
    }

    /// Every field of the expectation.
    private func check(
        _ summary: SessionSummary, _ runs: [ClosedRange<Int64>], against expected: FoldVector.Expectation, _ how: Comment
    ) {
        #expect(summary.titleId == OpaqueID(expected.titleId), how)
        #expect(summary.startedAt == expected.startedAt, how)
        #expect(summary.lastWatchedAt == expected.lastWatchedAt, how)
        #expect(summary.positionMs == expected.positionMs, how)
        #expect(summary.runtimeMs == expected.runtimeMs, how)
        #expect(summary.watchedMs == expected.watchedMs, how)
        #expect(summary.completed == expected.completed, how)
        #expect(summary.deviceId == expected.deviceId, how)
        #expect(summary.deviceType == expected.deviceType, how)
        #expect(summary.missingEvents == expected.missingEvents, how)
        #expect(summary.approximate == expected.approximate ?? false, how)
        #expect(runs.map { [$0.lowerBound, $0.upperBound] } == expected.sequenceRuns, how)
    }
}
