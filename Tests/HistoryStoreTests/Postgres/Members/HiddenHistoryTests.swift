import Models
import TestSupport
import Testing

@testable import HistoryStore

/// Hidden until a time, by the rule: what was watched then or before stays out, whenever it arrives; what is watched later shows, whole.
@Suite struct HiddenHistoryTests {
    private let database: TestDatabase
    private let hidden: HiddenHistory
    private let reader: HistoryReader
    private let applier: SessionApplier

    init() async throws {
        database = try await TestDatabase()
        hidden = HiddenHistory(pool: database.pool())
        reader = HistoryReader(pool: database.pool())
        applier = SessionApplier(connection: database.connection("writer"))
    }

    /// Ten seconds of watching from a time on.
    private func watch(_ title: OpaqueID, _ session: OpaqueID, at start: Timestamp, until count: Int64 = 2) async throws {
        let events = (0..<count).map { PlaybackEvent.playing(session: session, seq: $0, title: title, startedAt: start) }
        _ = try await applier.apply(events)
    }

    private func shown(_ filter: HistoryReader.Filter = .init()) async throws -> [OpaqueID] {
        try await reader.history(of: "m-1", filter: filter, after: nil, limit: 100).sessions.map(\.sessionId)
    }

    private static let past: Timestamp = 1_700_000_000_000
    /// After everything these tests do.
    private static let future: Timestamp = 4_000_000_000_000

    @Test func aHiddenTitleIsNowhere() async throws {
        try await watch("t-1", "s-1", at: Self.past)
        try await watch("t-2", "s-2", at: Self.past)
        try await hidden.hide("t-1", of: "m-1")
        #expect(try await shown() == ["s-2"])
        #expect(try await shown(.init(titleId: "t-1")) == [])
        #expect(try await reader.bookmark(of: "m-1", title: "t-1") == nil)
        #expect(try await reader.continueWatching(of: "m-1", limit: 10).map(\.sessionId) == ["s-2"])
        let key = SessionKey(memberId: "m-1", sessionId: "s-1")
        #expect(try await reader.session(key) == nil)
        #expect(try await reader.session(key, evenIfHidden: true)?.session.sessionId == "s-1")
    }

    @Test func lateEventsDoNotBringItBackAndLaterViewingDoes() async throws {
        try await watch("t-1", "s-1", at: Self.past)
        try await hidden.hide("t-1", of: "m-1")
        // More of the hidden session, and another that is older than the hiding.
        try await watch("t-1", "s-1", at: Self.past, until: 5)
        try await watch("t-1", "s-2", at: Self.past + 1000)
        #expect(try await shown() == [])
        try await watch("t-1", "s-3", at: Self.future)
        #expect(try await shown() == ["s-3"])
        #expect(try await reader.bookmark(of: "m-1", title: "t-1")?.sessionId == "s-3")
        // Watched on past the hiding, the session shows whole.
        _ = try await applier.apply([.playing(session: "s-1", seq: 400_000_000, title: "t-1", startedAt: Self.past)])
        #expect(Set(try await shown()) == ["s-1", "s-3"])
    }

    @Test func whatADeviceDatedIntoTheFutureIsHiddenToo() async throws {
        try await watch("t-1", "s-1", at: Self.future)
        try await hidden.hide("t-1", of: "m-1")
        #expect(try await shown() == [])
        try await watch("t-1", "s-2", at: Self.future + 60_000)
        #expect(try await shown() == ["s-2"])
    }

    @Test func hidingAllHidesEveryTitleOfThatMemberOnly() async throws {
        for title in ["t-1", "t-2"] { try await watch(OpaqueID(title), OpaqueID(title), at: Self.past) }
        _ = try await applier.apply([.playing(member: "m-2", seq: 0)])
        try await hidden.hideRow("t-1", of: "m-1")
        try await hidden.hideAll(of: "m-1")
        #expect(try await shown() == [])
        #expect(try await reader.continueWatching(of: "m-1", limit: 10).isEmpty)
        #expect(try await reader.history(of: "m-2", filter: .init(), after: nil, limit: 10).sessions.count == 1)
        try await watch("t-2", "later", at: Self.future)
        #expect(try await shown() == ["later"])
        // One row says it all.
        let rows = try await database.connection().run(PostgresStatement(name: "rows", sql: "SELECT count(*) FROM hidden_title")())
        #expect(rows.int8(0, 0) == 1)
    }

    @Test func aRowOfContinueWatchingGoesAndTheProgressStays() async throws {
        try await watch("t-1", "s-1", at: Self.past)
        try await hidden.hideRow("t-1", of: "m-1")
        #expect(try await reader.continueWatching(of: "m-1", limit: 10).isEmpty)
        #expect(try await reader.bookmark(of: "m-1", title: "t-1")?.sessionId == "s-1")
        #expect(try await shown() == ["s-1"])
        try await watch("t-1", "s-2", at: Self.future)
        #expect(try await reader.continueWatching(of: "m-1", limit: 10).map(\.sessionId) == ["s-2"])
    }

    @Test func hidingAgainNeverShowsMore() async throws {
        try await watch("t-1", "s-1", at: Self.future)
        try await hidden.hide("t-1", of: "m-1")
        try await database.connection().runScript("DELETE FROM playback_session")
        // Nothing is there that would reach as far now.
        try await hidden.hide("t-1", of: "m-1")
        try await watch("t-1", "s-1", at: Self.future)
        #expect(try await shown() == [])
    }

    @Test func pagesStepOverWhatIsHidden() async throws {
        for number in 0..<9 {
            try await watch(number % 3 == 0 ? "t-hidden" : "t", OpaqueID("s-\(number)"), at: Self.past + Int64(number) * 1000)
        }
        try await hidden.hide("t-hidden", of: "m-1")
        var pages: [[OpaqueID]] = []
        var cursor: HistoryCursor?
        repeat {
            let page = try await reader.history(of: "m-1", filter: .init(), after: cursor, limit: 4)
            pages.append(page.sessions.map(\.sessionId))
            cursor = page.next
        } while cursor != nil
        #expect(pages == [["s-8", "s-7", "s-5", "s-4"], ["s-2", "s-1"]])
    }

    @Test func soManyTitlesAreHiddenOneByOneAndThenAllOfThem() async throws {
        try await database.connection().runScript(
            """
            INSERT INTO hidden_title (member_id, title_id, hidden_until)
            SELECT 'm-1', 'h-' || n, now() FROM generate_series(1, \(HiddenHistory.maximalTitles)) n
            """)
        try await watch("t-1", "s-1", at: Self.past)
        #expect(try await hidden.hide("t-1", of: "m-1") == false)
        #expect(try await hidden.hideRow("t-1", of: "m-1") == false)
        #expect(try await reader.history(of: "m-1", filter: .init(), after: nil, limit: 10).sessions.count == 1, "it is not hidden")
        #expect(try await hidden.hide("h-7", of: "m-1"), "it is hidden already")
        #expect(try await hidden.hide("t-1", of: "m-2"), "another member")
        try await hidden.hideAll(of: "m-1")
        #expect(try await hidden.hide("t-1", of: "m-1"))
    }

    @Test func changesAreAnnouncedAndThoseOfHiddenViewingAreNot() async throws {
        try await watch("t-1", "s-1", at: Self.past)
        try await hidden.hide("t-1", of: "m-1")
        try await hidden.hideRow("t-2", of: "m-1")
        try await hidden.hideAll(of: "m-1")
        let events: [PlaybackEvent] = [
            .playing(session: "s-1", seq: 7, title: "t-1", startedAt: Self.past),
            .playing(session: "s-9", seq: 0, title: "t-1", startedAt: Self.future),
        ]
        let (_, changes) = try await applier.applyAndTell(events)
        #expect(changes.map { change -> OpaqueID? in if case .session(let id, _) = change.content { id } else { nil } } == ["s-9"])
        // Nothing new, and still told of: another writer may have died before it told of them.
        #expect(try await applier.applyAndTell(events).changes == changes)
        #expect(try await SessionApplier(connection: database.connection("other")).applyAndTell(events).changes == changes)

        var announced: [HistoryChange] = []
        let outbox = ChangeOutbox(connection: database.connection())
        #expect(try await outbox.drain { announced = $0 } == 3)
        #expect(announced.map(\.revision) == announced.map(\.revision).sorted())
        guard announced.count == 3, case .hidden("t-1"?, let until) = announced[0].content,
            case .rowHidden("t-2", _) = announced[1].content,
            case .hidden(nil, let all) = announced[2].content
        else {
            Issue.record("\(announced)")
            return
        }
        #expect(until <= all && until > Self.past)
        #expect(try await outbox.drain { _ in } == 0)
    }
}
