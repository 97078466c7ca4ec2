import Testing

@testable import EventStream

@Suite("Up to where a stream may be trimmed")
struct TrimBoundaryTests {
    private static func id(_ milliseconds: UInt64, _ sequence: UInt64 = 0) -> StreamEntryID {
        StreamEntryID(milliseconds: milliseconds, sequence: sequence)
    }

    private static func position(_ lastDelivered: StreamEntryID, pending: StreamEntryID? = nil) -> TrimBoundary.GroupPosition {
        TrimBoundary.GroupPosition(lastDelivered: lastDelivered, lowestPending: pending)
    }

    @Test("with nothing pending, all that was delivered may go, itself included")
    func nothingPending() {
        let boundary = TrimBoundary.lowestNeeded(required: ["history"], positions: ["history": Self.position(Self.id(5, 3))])
        #expect(boundary == Self.id(5, 4))
    }

    @Test("the lowest pending entry stays")
    func pending() {
        let positions = ["history": Self.position(Self.id(5, 3), pending: Self.id(2, 7))]
        #expect(TrimBoundary.lowestNeeded(required: ["history"], positions: positions) == Self.id(2, 7))
    }

    @Test("the last delivered entry stays while it is pending")
    func lastIsPending() {
        let positions = ["history": Self.position(Self.id(5, 3), pending: Self.id(5, 3))]
        #expect(TrimBoundary.lowestNeeded(required: ["history"], positions: positions) == Self.id(5, 3))
    }

    /// Entries were delivered between the two questions to Redis, and what they followed was acknowledged.
    @Test("pending entries after the last one delivered do not raise the boundary", arguments: [id(5, 5), id(9)])
    func pendingAfterDelivered(pending: StreamEntryID) {
        let positions = ["history": Self.position(Self.id(5, 3), pending: pending)]
        #expect(TrimBoundary.lowestNeeded(required: ["history"], positions: positions) == Self.id(5, 4))
    }

    @Test("a group that was made but never read needs everything")
    func unread() {
        let boundary = TrimBoundary.lowestNeeded(required: ["history"], positions: ["history": Self.position(Self.id(0))])
        #expect(boundary == Self.id(0, 1))
    }

    @Test("of several groups the one furthest behind decides", arguments: ["a", "b", "c"])
    func several(behind: String) {
        var positions = ["a": Self.position(Self.id(9)), "b": Self.position(Self.id(8)), "c": Self.position(Self.id(7))]
        #expect(TrimBoundary.lowestNeeded(required: ["a", "b", "c"], positions: positions) == Self.id(7, 1))
        positions[behind]?.lowestPending = Self.id(3)
        #expect(TrimBoundary.lowestNeeded(required: ["a", "b", "c"], positions: positions) == Self.id(3))
        positions[behind] = Self.position(Self.id(1))
        #expect(TrimBoundary.lowestNeeded(required: ["a", "b", "c"], positions: positions) == Self.id(1, 1))
    }

    @Test("a group that nobody requires holds nothing up")
    func notRequired() {
        let positions = ["history": Self.position(Self.id(9)), "experiment": Self.position(Self.id(1), pending: Self.id(1))]
        #expect(TrimBoundary.lowestNeeded(required: ["history"], positions: positions) == Self.id(9, 1))
    }

    @Test("a stream that lacks a required group is not trimmed", arguments: [["history": position(id(9))], [:]])
    func missing(positions: [String: TrimBoundary.GroupPosition]) {
        #expect(TrimBoundary.lowestNeeded(required: ["history", "shadow"], positions: positions) == nil)
    }

    @Test("where nothing is required nothing is trimmed, as the list may have been lost")
    func nothingRequired() {
        #expect(TrimBoundary.lowestNeeded(required: [], positions: [:]) == nil)
        #expect(TrimBoundary.lowestNeeded(required: [], positions: ["history": Self.position(Self.id(9))]) == nil)
    }

    @Test("what nobody needs is kept for a while, what somebody needs for as long as that takes")
    func retention() {
        #expect(TrimBoundary.boundary(lowestNeeded: Self.id(9000, 4), keptSince: 5000) == Self.id(5000))
        #expect(TrimBoundary.boundary(lowestNeeded: Self.id(3000, 4), keptSince: 5000) == Self.id(3000, 4))
        #expect(TrimBoundary.boundary(lowestNeeded: Self.id(3000, 4), keptSince: -5) == Self.id(0))
    }
}
