import Models
import Synchronization
import TestSupport
import Testing

@testable import HistoryStore

@Suite struct HistoryRetentionTests {
    private let day: Int64 = 86_400_000
    private let begin: Timestamp = 1_763_700_000_000

    /// A session of each day, oldest first.
    private func filled(days: Int64) async throws -> TestDatabase {
        let database = try await TestDatabase()
        _ = try await database.applier("writer").apply(
            (0..<days).flatMap { number in
                (0..<3).map {
                    .playing(
                        session: OpaqueID("s-\(number)"), seq: $0, title: OpaqueID("t-\(number % 2)"), startedAt: begin + number * day)
                }
            })
        return database
    }

    private func shown(_ database: TestDatabase) async throws -> [OpaqueID] {
        try await HistoryReader(pool: database.pool()).history(of: "m-1", filter: .init(), after: nil, limit: 100).sessions.map(\.sessionId)
    }

    @Test func rowsThatAreTooOldGoInsteadOfBeingCompacted() async throws {
        let database = try await filled(days: 6)
        let compactor = MemberCompactor(connection: database.connection(), keptSince: begin + 2 * day)
        let outcome = try await compactor.compact("m-1", .endedBefore(begin + 4 * day))
        #expect(outcome.sessions == 2 && outcome.expired == 2)
        #expect(try await shown(database) == ["s-5", "s-4", "s-3", "s-2"])
        // Others' sums keep what was viewed.
        #expect(try await TitleStatistics(pool: database.pool()).days(of: "t-0", in: 0..<100_000).count == 3)
    }

    @Test func chunksGoWholeWithTheirBookmarks() async throws {
        let database = try await filled(days: 4)
        let compactor = MemberCompactor(connection: database.connection())
        _ = try await compactor.compact("m-1", .endedBefore(begin + 2 * day))
        let reader = HistoryReader(pool: database.pool())
        #expect(try await reader.bookmark(of: "m-1", title: "t-1")?.sessionId == "s-3")
        let retention = HistoryRetention(connection: database.connection())
        #expect(try await retention.removeChunks(of: "m-1", endedBefore: begin + day) == 0, "s-1 is in the same chunk")
        #expect(try await retention.removeChunks(of: "m-1", endedBefore: begin + 2 * day) == 2)
        #expect(try await shown(database) == ["s-3", "s-2"])
        _ = try await compactor.compact("m-1", .endedBefore(.max))
        #expect(try await retention.removeChunks(of: "m-1", endedBefore: .max) == 2)
        #expect(try await shown(database).isEmpty)
        #expect(try await reader.bookmark(of: "m-1", title: "t-1") == nil)
        #expect(try await reader.continueWatching(of: "m-1", limit: 10).isEmpty)
        #expect(try await TitleStatistics(pool: database.pool()).days(of: "t-0", in: 0..<100_000).values.map(\.views) == [1, 1])
    }

    @Test func eventsOfSessionsThatEndedBeforeAreDroppedAndCounted() async throws {
        let database = try await TestDatabase()
        let (begin, day) = (begin, day)
        let applier = SessionApplier(connection: database.connection("writer"), keptSince: { begin + day })
        let events: [PlaybackEvent] = [
            .playing(session: "old", seq: 0), .playing(session: "old", seq: 1),
            .playing(session: "new", seq: 0, startedAt: begin + 2 * day),
        ]
        let outcome = try await applier.apply(events)
        #expect(outcome == SessionApplier.Outcome(applied: 1, expired: 2, writtenRows: 1, loadedRows: 1))
        // One that began long ago and has gone on since is kept whole.
        let late = PlaybackEvent.playing(session: "old", seq: 2).with { $0.occurredAt = begin + day }
        #expect(try await applier.apply([late]) == SessionApplier.Outcome(applied: 1, writtenRows: 1, loadedRows: 1))
        // Whatever comes when, and whoever writes it.
        let other = SessionApplier(connection: database.connection("other"), keptSince: { begin + day })
        #expect(try await other.apply([events[0]]) == SessionApplier.Outcome(applied: 1, writtenRows: 1, loadedRows: 1))
        #expect(try await shown(database) == ["new", "old"])
    }

    private final class Cutoff: Sendable {
        let time: Mutex<Timestamp>

        init(_ time: Timestamp) { self.time = Mutex(time) }
    }

    @Test func whatIsRememberedIsReadAgainBeforeItIsTakenForTooOld() async throws {
        let database = try await TestDatabase()
        let (begin, day) = (begin, day)
        let cutoff = Cutoff(begin - day)
        let one = SessionApplier(connection: database.connection("one"), keptSince: { cutoff.time.withLock { $0 } })
        _ = try await one.apply([.playing(seq: 0), .playing(seq: 1)])
        // Another one goes on with the session, which then ends days later.
        let later = PlaybackEvent.playing(seq: 3).with { $0.occurredAt = begin + 3 * day }
        _ = try await database.applier("other").apply([later])
        cutoff.time.withLock { $0 = begin + day }
        let outcome = try await one.apply([.playing(seq: 2)])
        #expect(outcome == SessionApplier.Outcome(applied: 1, writtenRows: 1, cacheHits: 1, loadedRows: 1))
        #expect(try await database.row()?.state == SessionState.folding([.playing(seq: 0), .playing(seq: 1), .playing(seq: 2), later]))
    }

    @Test func aLateEventOfARemovedSessionDoesNotBringBackARestOfIt() async throws {
        let database = try await filled(days: 1)
        let (begin, day) = (begin, day)
        _ = try await MemberCompactor(connection: database.connection(), keptSince: begin + day).compact("m-1", .endedBefore(.max))
        let applier = SessionApplier(connection: database.connection("late"), keptSince: { begin + day })
        let outcome = try await applier.apply([.playing(session: "s-0", seq: 3, title: "t-0")])
        #expect(outcome == SessionApplier.Outcome(expired: 1, loadedRows: 1))
        #expect(try await shown(database).isEmpty)
    }
}
