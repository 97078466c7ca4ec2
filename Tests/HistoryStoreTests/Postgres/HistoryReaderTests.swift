import HistoryStore
import Models
import TestSupport
import Testing

@Suite struct HistoryReaderTests {
    private let day: Timestamp = 86_400_000
    private let now: Timestamp = 1_763_700_000_000

    @Test func pagesHoldEverySessionOnceWhateverIsAddedMeanwhile() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        let reader = HistoryReader(pool: database.pool())
        // Four sessions start at each time: pages of 3 break within ties.
        let events = (0..<40).map { PlaybackEvent.playing(session: OpaqueID("s-\($0)"), seq: 0, startedAt: now + Int64($0 / 4)) }
        _ = try await applier.apply(events)
        var seen: [OpaqueID] = []
        var cursor: HistoryCursor?
        repeat {
            let page = try await reader.history(of: "m-1", filter: .init(), after: cursor, limit: 3)
            #expect(page.sessions.count <= 3)
            seen += page.sessions.map(\.sessionId)
            cursor = page.next
            // Newer sessions, and progress in one that was shown, move no page.
            _ = try await applier.apply([
                .playing(session: OpaqueID("new-\(seen.count)"), seq: 0, startedAt: now + day), .playing(session: seen[0], seq: 1),
            ])
        } while cursor != nil
        let expected = events.map { ($0.occurredAt, $0.sessionId) }.sorted { ($0.0, $0.1) > ($1.0, $1.1) }.map(\.1)
        #expect(seen == expected)
    }

    @Test func theFilterHoldsItsLowerAndNotItsUpperBound() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        _ = try await applier.apply(
            (0..<5).map {
                .playing(session: OpaqueID("s-\($0)"), seq: 0, title: $0 % 2 == 0 ? "even" : "odd", startedAt: now + Int64($0) * day)
            })
        let reader = HistoryReader(pool: database.pool())
        func ids(_ filter: HistoryReader.Filter) async throws -> [OpaqueID] {
            try await reader.history(of: "m-1", filter: filter, after: nil, limit: 100).sessions.map(\.sessionId)
        }
        #expect(try await ids(.init(from: now + day, to: now + 3 * day)) == ["s-2", "s-1"])
        #expect(try await ids(.init(titleId: "even")) == ["s-4", "s-2", "s-0"])
        #expect(try await ids(.init(titleId: "even", from: now + 3 * day)) == ["s-4"])
        #expect(try await reader.history(of: "nobody", filter: .init(), after: nil, limit: 5).sessions.isEmpty)
    }

    @Test func aStartThatFailedNeverWipesTheResumePoint() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        _ = try await applier.apply((0..<4).map { .playing(session: "watched", seq: $0, startedAt: now) })
        _ = try await applier.apply([.playing(session: "failed", seq: 0, startedAt: now + day)])
        let reader = HistoryReader(pool: database.pool())
        let bookmark = try await reader.bookmark(of: "m-1", title: "t-1")
        #expect(bookmark?.sessionId == "watched")
        #expect(bookmark?.positionMs == 30_000)
        // If none has credit it is the latest.
        _ = try await applier.apply([.playing(session: "a", seq: 0, title: "t-2", startedAt: now)])
        _ = try await applier.apply([.playing(session: "b", seq: 0, title: "t-2", startedAt: now + 1)])
        #expect(try await reader.bookmark(of: "m-1", title: "t-2")?.sessionId == "b")
        #expect(try await reader.bookmark(of: "m-1", title: "t-3") == nil)
    }

    @Test func tiedSessionsAreDecidedByStartAndThenById() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        // Both end at the same time; "late" starts later.
        _ = try await applier.apply((0..<3).map { .playing(session: "z-early", seq: $0, startedAt: now) })
        _ = try await applier.apply((0..<2).map { .playing(session: "late", seq: $0, startedAt: now + 10_000) })
        let reader = HistoryReader(pool: database.pool())
        #expect(try await reader.bookmark(of: "m-1", title: "t-1")?.sessionId == "late")
        _ = try await applier.apply((0..<2).map { .playing(session: "later-id", seq: $0, startedAt: now + 10_000) })
        #expect(try await reader.bookmark(of: "m-1", title: "t-1")?.sessionId == "later-id")
    }

    @Test func continueWatchingLeavesOutWhatIsCompleted() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        for (offset, title) in ["old", "done", "new"].enumerated() {
            let startedAt = now + Int64(offset) * day
            var events = (0..<3).map {
                PlaybackEvent.playing(session: OpaqueID(title), seq: $0, title: OpaqueID(title), startedAt: startedAt)
            }
            if title == "done" { events[2].kind = .complete }
            _ = try await applier.apply(events)
        }
        let reader = HistoryReader(pool: database.pool())
        #expect(try await reader.continueWatching(of: "m-1", limit: 10).map(\.titleId) == ["new", "old"])
        #expect(try await reader.continueWatching(of: "m-1", limit: 1).map(\.titleId) == ["new"])
    }

    @Test func aSessionTellsItsRuns() async throws {
        let database = try await TestDatabase()
        _ = try await SessionApplier(connection: database.connection()).apply([0, 1, 2, 5, 6, 9].map { .playing(seq: $0) })
        let reader = HistoryReader(pool: database.pool())
        let found = try await reader.session(SessionKey(memberId: "m-1", sessionId: "s-1"))
        #expect(found?.sequenceRuns == [0...2, 5...6, 9...9])
        #expect(found?.session.summary.missingEvents == 4)
        #expect(try await reader.session(SessionKey(memberId: "m-1", sessionId: "none")) == nil)
    }
}
