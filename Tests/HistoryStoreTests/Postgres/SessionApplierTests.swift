import BlockingClient
import Foundation
import Models
import Oracle
import TestSupport
import Testing

@testable import HistoryStore

@Suite struct SessionApplierTests {
    @Test func whatIsAppliedIsTheFoldOfTheEvents() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        let events = (0..<Int64(20)).map { PlaybackEvent.playing(seq: $0) }
        let outcome = try await applier.apply(events.shuffled())
        #expect(outcome == SessionApplier.Outcome(applied: 20, writtenRows: 1))
        #expect(try await stored(database) == SessionState.folding(events)?.summary)
        #expect(try await applier.apply(events).duplicates == 20)
    }

    @Test func theSameEventsInAnyBatchesBySeveralWritersGiveTheSameRow() async throws {
        let database = try await TestDatabase()
        var generator = SeededGenerator(seed: 20_261_121)
        // With gaps: 3 and 4 never come.
        let events = (0..<Int64(60)).filter { $0 != 3 && $0 != 4 }.map { PlaybackEvent.playing(seq: $0) }
        let writers = (0..<3).map { _ in SessionApplier(connection: database.connection()) }
        var deliveries = (events + events.filter { $0.seq % 3 == 0 }).shuffled(using: &generator)
        try await withThrowingTaskGroup(of: SessionApplier.Outcome.self) { group in
            var turn = 0
            while !deliveries.isEmpty {
                let batch = Array(deliveries.prefix(4))
                deliveries.removeFirst(batch.count)
                let writer = writers[turn % 3]
                turn += 1
                group.addTask { try await writer.apply(batch) }
            }
            var total = SessionApplier.Outcome()
            for try await outcome in group {
                total.applied += outcome.applied
                total.duplicates += outcome.duplicates
            }
            #expect(total.applied == 58)
            #expect(total.duplicates == 19)
        }
        #expect(try await stored(database) == SessionState.folding(events)?.summary)
    }

    @Test func aWriterThatFoldedOntoAnOldRowLosesAndFoldsAgain() async throws {
        let database = try await TestDatabase()
        let first = SessionApplier(connection: database.connection())
        let second = SessionApplier(connection: database.connection())
        _ = try await first.apply([.playing(seq: 0)])
        // The second reads the row and writes; what the first remembers is now old.
        _ = try await second.apply([.playing(seq: 1)])
        let outcome = try await first.apply([.playing(seq: 2)])
        #expect(outcome == SessionApplier.Outcome(applied: 1, lostRaces: 1, writtenRows: 1, cacheHits: 1, loadedRows: 1))
        #expect(try await stored(database) == SessionState.folding((0..<3).map { .playing(seq: $0) })?.summary)
    }

    @Test func aSessionWhoseStartComesAgainIsNotOverwritten() async throws {
        let database = try await TestDatabase()
        _ = try await SessionApplier(connection: database.connection()).apply((0..<5).map { .playing(seq: $0) })
        // With seq 0 in the batch the row is not read first: the insert meets it.
        let outcome = try await SessionApplier(connection: database.connection()).apply([.playing(seq: 0), .playing(seq: 5)])
        #expect(outcome == SessionApplier.Outcome(applied: 1, duplicates: 1, lostRaces: 1, writtenRows: 1, loadedRows: 1))
        #expect(try await stored(database) == SessionState.folding((0..<6).map { .playing(seq: $0) })?.summary)
    }

    @Test func everyWriteTakesAFreshRevision() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        var last: Int64 = 0
        for seq in 0..<Int64(5) {
            _ = try await applier.apply([.playing(seq: seq)])
            let session = try await HistoryReader(pool: database.pool()).session(SessionKey(memberId: "m-1", sessionId: "s-1"))
            let revision = try #require(session).session.revision
            #expect(revision > last)
            last = revision
            // A duplicate writes nothing.
            _ = try await applier.apply([.playing(seq: seq)])
            #expect(
                try await HistoryReader(pool: database.pool()).session(SessionKey(memberId: "m-1", sessionId: "s-1"))?.session.revision
                    == last)
        }
    }

    @Test func nothingOfAnErasedMemberIsTaken() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        _ = try await applier.apply([.playing(seq: 0)])
        try await MemberEraser(pool: database.pool()).erase("m-1")
        // The update of the remembered row, the insert with seq 0, and the insert after a read.
        #expect(try await applier.apply([.playing(seq: 1)]).erased == 1)
        #expect(try await applier.apply([.playing(session: "s-2", seq: 0)]).erased == 1)
        #expect(try await applier.apply([.playing(session: "s-3", seq: 4)]).erased == 1)
        #expect(try await applier.apply([.playing(member: "m-2", seq: 0)]).applied == 1)
        #expect(try await HistoryReader(pool: database.pool()).history(of: "m-1", filter: .init(), after: nil, limit: 10).sessions.isEmpty)
    }

    /// Two ids of one hash, which 32 bits allow.
    @Test func aSessionWithTheHashOfACompactedOneIsReadAndIsNew() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        _ = try await applier.apply([.playing(session: "compacted", seq: 0)])
        _ = try await MemberCompactor(connection: database.connection()).compact("m-1", .endedBefore(.max))
        try await database.connection().runScript("UPDATE history_chunk SET session_hashes = ARRAY[\(StoredChunk.hash(of: "other"))]")
        let outcome = try await applier.apply([.playing(session: "other", seq: 0)])
        #expect(outcome == SessionApplier.Outcome(applied: 1, lostRaces: 1, writtenRows: 1, loadedRows: 1))
        // Others need no read.
        let later = PlaybackEvent.playing(session: "later", seq: 0)
        #expect(try await applier.apply([later]) == SessionApplier.Outcome(applied: 1, writtenRows: 1))
    }

    /// The edge attaches `skewMs` anew to each delivery: a copy of the first event may seem to begin at any time.
    @Test func aCopyOfTheFirstEventOfACompactedSessionIsADuplicateWhateverItsTime() async throws {
        let database = try await TestDatabase()
        _ = try await SessionApplier(connection: database.connection()).apply([.playing(seq: 0), .playing(seq: 1)])
        _ = try await MemberCompactor(connection: database.connection()).compact("m-1", .endedBefore(.max))
        for skewMs in [3_600_000, -3_600_000] as [Int64] {
            let copy = PlaybackEvent.playing(seq: 0).with { $0.skewMs = skewMs }
            let outcome = try await SessionApplier(connection: database.connection()).apply([copy])
            #expect(outcome == SessionApplier.Outcome(duplicates: 1, lostRaces: 1, loadedRows: 1))
        }
    }

    @Test func idsThatLookAlikeAreDifferentRows() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        _ = try await applier.apply([
            .playing(member: "é", seq: 0), .playing(member: "e\u{301}", seq: 0), .playing(member: "e\u{301}", seq: 1),
        ])
        let reader = HistoryReader(pool: database.pool())
        #expect(try await reader.history(of: "é", filter: .init(), after: nil, limit: 10).sessions.first?.summary.positionMs == 0)
        #expect(
            try await reader.history(of: "e\u{301}", filter: .init(), after: nil, limit: 10).sessions.first?.summary.positionMs == 10_000)
    }

    @Test func everythingThatValidationTakesTheDatabaseTakes() async throws {
        let database = try await TestDatabase()
        let latest: Timestamp = 253_402_300_799_999
        let earliest: Timestamp = 946_684_800_000
        // The skew of the lowest seq is applied to times of other events; each alone is within the limits.
        let ahead = PlaybackEvent(
            memberId: "m-1", sessionId: "s-1", seq: 0, kind: .start, titleId: "t", positionMs: 0, runtimeMs: EventLimits.largestInteger,
            occurredAt: latest - 1000, receivedAt: 1_763_700_000_000, skewMs: 1_763_700_000_000 - latest)
        var events = [ahead]
        for seq in 1..<Int64(6) {
            events.append(
                PlaybackEvent(
                    memberId: "m-1", sessionId: "s-1", seq: seq * 7, kind: .progress, titleId: "t", positionMs: EventLimits.largestInteger,
                    occurredAt: seq % 2 == 0 ? latest : earliest, receivedAt: 1_763_700_000_000))
        }
        for event in events { try event.validateContent() }
        #expect(try await SessionApplier(connection: database.connection()).apply(events).applied == events.count)
        let page = try await HistoryReader(pool: database.pool()).history(of: "m-1", filter: .init(), after: nil, limit: 1)
        #expect(page.sessions.first?.summary == SessionState.folding(events)?.summary)
        #expect(page.sessions.first?.summary.startedAt == 0)
    }

    @Test func aBackendThatIsKilledLosesNothing() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection("victim"))
        let killer = database.connection()
        for seq in 0..<Int64(30) {
            if seq % 5 == 2 {
                try await killer.runScript("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'")
            }
            // As the processor does: again until it is applied.
            try await eventually("event \(seq) is applied") {
                do throws(PostgresError) {
                    _ = try await applier.apply([.playing(seq: seq)])
                    return true
                } catch {
                    #expect(error.failureClass == .retryable)
                    return false
                }
            }
        }
        #expect(try await stored(database) == SessionState.folding((0..<30).map { .playing(seq: $0) })?.summary)
    }

    @Test func aDeadLetterIsWrittenWithTheEventsAndOnce() async throws {
        let database = try await TestDatabase()
        let applier = SessionApplier(connection: database.connection())
        let letter = DeadLetter(stream: "playhead:{00}:events", entryID: "1-0", reason: "not a batch", payload: [1, 2, 0, 255])
        for _ in 0..<2 { _ = try await applier.apply([.playing(seq: 0)], deadLetters: [letter]) }
        _ = try await applier.apply([], deadLetters: [letter])
        #expect(try await DeadLetterStore(connection: database.connection()).count() == 1)
    }

    private func stored(_ database: TestDatabase) async throws -> SessionSummary? {
        try await HistoryReader(pool: database.pool()).session(SessionKey(memberId: "m-1", sessionId: "s-1"))?.session.summary
    }
}
