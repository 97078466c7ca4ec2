import HistoryStore
import Models
import TestSupport
import Testing

@testable import Query

@Suite struct LiveFilterTests {
    private static func change(_ revision: Int64, _ content: HistoryChange.Content) -> HistoryChange {
        HistoryChange(memberId: "m-1", revision: revision, content: content)
    }

    private static func session(_ revision: Int64, title: OpaqueID = "t", session: OpaqueID = "s", seq: Int64 = 0) throws -> HistoryChange {
        let state = try #require(SessionState.folding([.playing(session: session, seq: seq, title: title)]))
        return change(revision, .session(session, state.summary))
    }

    /// A mutating call cannot stand in an expectation.
    private func check(
        _ change: HistoryChange, isAdmitted expected: Bool, _ filter: inout LiveFilter, at location: SourceLocation = #_sourceLocation
    ) {
        let isAdmitted = filter.admits(change)
        #expect(isAdmitted == expected, sourceLocation: location)
    }

    @Test func repetitionsAndOlderStatesAreLeftOut() throws {
        var filter = LiveFilter()
        try check(Self.session(5), isAdmitted: true, &filter)
        try check(Self.session(5), isAdmitted: false, &filter)
        try check(Self.session(4), isAdmitted: false, &filter)
        try check(Self.session(4, session: "other"), isAdmitted: true, &filter)
        try check(Self.session(6), isAdmitted: true, &filter)
    }

    @Test func whatIsHiddenStaysOutInWhateverOrderItComes() throws {
        var filter = LiveFilter()
        let watched = try Self.session(3)
        guard case .session(_, let summary) = watched.content else { return }
        check(Self.change(7, .hidden(title: "t", until: summary.lastWatchedAt)), isAdmitted: true, &filter)
        // Committed before it was hidden, announced after.
        check(watched, isAdmitted: false, &filter)
        try check(Self.session(4, title: "other"), isAdmitted: true, &filter)
        // Watched on, later than that.
        try check(Self.session(9, seq: 1), isAdmitted: true, &filter)
        check(Self.change(10, .hidden(title: nil, until: summary.lastWatchedAt + 60_000)), isAdmitted: true, &filter)
        try check(Self.session(11, title: "other", session: "more"), isAdmitted: false, &filter)
        check(Self.change(10, .hidden(title: nil, until: summary.lastWatchedAt)), isAdmitted: false, &filter)
    }

    @Test func nothingFromBeforeAnErasureIsTold() throws {
        var filter = LiveFilter()
        check(Self.change(7, .erased), isAdmitted: true, &filter)
        try check(Self.session(6), isAdmitted: false, &filter)
        check(Self.change(6, .hidden(title: nil, until: 0)), isAdmitted: false, &filter)
        check(Self.change(7, .erased), isAdmitted: false, &filter)
        try check(Self.session(8), isAdmitted: true, &filter)
    }

    @Test func whatWasTakenOutBeforeIsNotTold() throws {
        var taken = HistoryReader.TakenOut()
        let watched = try Self.session(3)
        guard case .session(_, let summary) = watched.content else { return }
        taken.hidden["t"] = summary.lastWatchedAt
        var filter = LiveFilter(taken)
        check(watched, isAdmitted: false, &filter)
        try check(Self.session(4, title: "other"), isAdmitted: true, &filter)
        taken.erasedAt = 8
        var erased = LiveFilter(taken)
        try check(Self.session(8, title: "other"), isAdmitted: false, &erased)
        try check(Self.session(9, title: "other"), isAdmitted: true, &erased)
    }

    /// In the order of the feed, what is hidden comes before what hides it.
    @Test func whatIsTakenOutLaterIsForeseen() throws {
        let watched = try Self.session(3)
        guard case .session(_, let summary) = watched.content else { return }
        let hidden = Self.change(7, .hidden(title: "t", until: summary.lastWatchedAt))
        var filter = LiveFilter()
        filter.foresee([watched, hidden])
        check(watched, isAdmitted: false, &filter)
        check(hidden, isAdmitted: true, &filter)
        try check(Self.session(9, seq: 1), isAdmitted: true, &filter)
        let erased = Self.change(12, .erased)
        filter.foresee([try Self.session(11, session: "x"), erased])
        try check(Self.session(11, session: "x"), isAdmitted: false, &filter)
        check(erased, isAdmitted: true, &filter)
    }
}
