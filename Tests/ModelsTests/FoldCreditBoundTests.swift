import Models
import TestSupport
import Testing

@Suite("Watch time has an end")
struct FoldCreditBoundTests {
    /// Every second pair of neighbours earns as much as the limits of events allow, about 16,000 years.
    private static let events: [PlaybackEvent] = (0..<6000).map { seq in
        .sample(
            seq: seq, kind: .progress, positionMs: seq % 2 == 0 ? 0 : EventLimits.largestInteger,
            occurredAt: seq % 2 == 0 ? EventLimits.earliestTime : 253_402_300_799_999)
    }

    @Test("the sum stops at its bound, in whatever order the events come")
    func bound() throws {
        let forwards = try #require(SessionState.folding(Self.events))
        let backwards = try #require(SessionState.folding(Self.events.reversed()))
        let inTwoHalves = try #require(SessionState.folding(Self.events[3000...] + Self.events[..<3000]))
        #expect(forwards.summary.watchedMs == EventLimits.largestCredit)
        #expect(forwards == backwards)
        #expect(forwards == inTwoHalves)
    }

    @Test("below the bound nothing is cut")
    func belowTheBound() throws {
        let pair = try #require(SessionState.folding(Self.events[..<2])).summary.watchedMs
        #expect(pair == 2 * (253_402_300_799_999 - EventLimits.earliestTime))
        #expect(try #require(SessionState.folding(Self.events[..<200])).summary.watchedMs == 100 * pair)
    }
}
