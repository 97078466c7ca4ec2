import Models
import TestSupport
import Testing

@testable import HistoryStore

/// What removes a member's rows, while a writer of that member is under way: each interleaving that the epoch, the marks on the member, the
/// revision and the locks exist for is forced. The remover has the member's lock, the writer stands before its own, and then goes on.
@Suite("A removal while a writer waits for the member's lock")
struct RemovalRaceTests {
    typealias Outcome = SessionApplier.Outcome

    /// Applies events with a writer that is stopped at its locks until `change` is committed.
    private func apply(
        _ events: [PlaybackEvent], with applier: SessionApplier, in database: TestDatabase, while change: Removal
    ) async throws -> Outcome {
        let remover = try await database.removing()
        async let outcome = applier.apply(events)
        try await database.awaitStop(of: "writer", at: .advisoryLock)
        try await change.commit(over: remover)
        return try await outcome
    }

    @Test("erased: a session taken for new without a read is not inserted")
    func eraseBeforeInsertWithoutEpoch() async throws {
        let database = try await TestDatabase()
        let outcome = try await apply(
            [.playing(seq: 0), .playing(seq: 1), .playing(member: "m-2", seq: 0)], with: database.applier("writer"), in: database,
            while: Removal.erase)
        // The other member's event goes its way.
        #expect(outcome == Outcome(applied: 1, erased: 2, lostRaces: 1, writtenRows: 1, loadedRows: 1))
        #expect(try await database.row() == nil)
    }

    /// The level would let the insert see the member as it was when the writer asked for the lock.
    @Test("erased: nor where transactions of the database are REPEATABLE READ by default")
    func eraseInAStricterDatabase() async throws {
        let database = try await TestDatabase()
        let setting = "format('ALTER DATABASE %I SET default_transaction_isolation = %L', current_database(), 'repeatable read')"
        try await database.connection().runScript("DO $$ BEGIN EXECUTE \(setting); END $$")
        let outcome = try await apply([.playing(seq: 0)], with: database.applier("writer"), in: database, while: Removal.erase)
        let row = try await database.row()
        #expect(outcome == Outcome(erased: 1, lostRaces: 1, loadedRows: 1))
        #expect(row == nil)
    }

    @Test("erased: a session read as new is not inserted")
    func eraseBeforeInsertWithEpoch() async throws {
        let database = try await TestDatabase()
        let outcome = try await apply(
            [.playing(seq: 4)], with: database.applier("writer"), in: database, while: Removal.erase)
        #expect(outcome == Outcome(erased: 1, lostRaces: 1, loadedRows: 2))
        #expect(try await database.row() == nil)
    }

    @Test("erased: a remembered row is not brought back")
    func eraseBeforeUpdate() async throws {
        let database = try await TestDatabase()
        let applier = database.applier("writer")
        _ = try await applier.apply([.playing(seq: 0)])
        let outcome = try await apply([.playing(seq: 1)], with: applier, in: database, while: Removal.erase)
        #expect(outcome == Outcome(erased: 1, lostRaces: 1, cacheHits: 1, loadedRows: 1))
        #expect(try await database.row() == nil)
    }

    @Test("erased and readmitted: what was decided before is decided anew, and what was received before stays away")
    func eraseAndReadmit() async throws {
        let database = try await TestDatabase()
        let applier = database.applier("writer")
        _ = try await applier.apply([.playing(seq: 0), .playing(seq: 1)])
        // The update of a remembered row, and inserts of sessions that were read as new, or taken for new: none finds the member erased.
        let late: [PlaybackEvent] = [.playing(seq: 2), .playing(session: "s-2", seq: 4), .playing(session: "s-3", seq: 0)]
        let fresh: [PlaybackEvent] = [.playing(seq: 3), .playing(session: "s-4", seq: 4), .playing(session: "s-5", seq: 0)].map(received)
        let outcome = try await apply(late + fresh, with: applier, in: database, while: Removal.erase + Removal.readmit)
        #expect(outcome == Outcome(applied: 3, erased: 3, lostRaces: 5, writtenRows: 3, cacheHits: 1, loadedRows: 7))
        #expect(try await database.row()?.state == SessionState.folding([fresh[0]]))
        for session in ["s-2", "s-3"] { #expect(try await database.row(OpaqueID(session)) == nil) }
        for event in fresh[1...] { #expect(try await database.row(event.sessionId)?.state == SessionState.folding([event])) }
        // Nor does it join the remembered row afterwards.
        #expect(try await applier.apply([late[0]]) == Outcome(erased: 1, cacheHits: 1, loadedRows: 1))
    }

    /// By an edge, after every readmission of these tests.
    private func received(_ event: PlaybackEvent) -> PlaybackEvent {
        var event = event
        event.receivedAt = 4_000_000_000_000
        return event
    }

    @Test("readmitted: a session taken for new without a read is inserted once it was read")
    func readmitBeforeInsert() async throws {
        let database = try await TestDatabase()
        try await Removal.erase.commit(over: database.removing())
        let event = received(.playing(seq: 0))
        let outcome = try await apply([event], with: database.applier("writer"), in: database, while: Removal.readmit)
        #expect(outcome == Outcome(applied: 1, lostRaces: 1, writtenRows: 1, loadedRows: 1))
        #expect(try await database.row()?.state == SessionState.folding([event]))
    }

    @Test("compacted: the update of a remembered row loses; its event brings the session back whole")
    func compactBeforeUpdate() async throws {
        let database = try await TestDatabase()
        let applier = database.applier("writer")
        _ = try await applier.apply([.playing(seq: 0), .playing(seq: 1)])
        let outcome = try await apply([.playing(seq: 2)], with: applier, in: database, while: Removal.compact)
        #expect(outcome == Outcome(applied: 1, broughtBack: 1, lostRaces: 1, writtenRows: 1, cacheHits: 1, loadedRows: 2))
        #expect(try await database.row()?.state == SessionState.folding([.playing(seq: 0), .playing(seq: 1), .playing(seq: 2)]))
        #expect(try await database.connection().run(Self.chunks()).int8(0, 0) == 0)
    }

    @Test("compacted: a session taken for new without a read is not inserted beside the compacted one")
    func compactBeforeInsertWithoutEpoch() async throws {
        let database = try await TestDatabase()
        _ = try await database.applier("other").apply([.playing(seq: 0), .playing(seq: 1)])
        let writer = database.applier("writer")
        let again = try await apply([.playing(seq: 0)], with: writer, in: database, while: Removal.compact)
        #expect(again == Outcome(duplicates: 1, lostRaces: 1, loadedRows: 1))
        // Nor later, when nobody is in the way.
        #expect(try await writer.apply([.playing(seq: 0)]) == Outcome(duplicates: 1, lostRaces: 1, loadedRows: 1))
        #expect(try await database.connection().run(Self.rows()).int8(0, 0) == 0)
    }

    @Test("compacted: a session that is not among them is inserted without a read, whenever it began", arguments: [0, 1])
    func othersCompactedBeforeInsert(offset: Int64) async throws {
        let database = try await TestDatabase()
        _ = try await database.applier("other").apply([.playing(session: "s-2", seq: 0, startedAt: 1_763_700_000_000 + offset)])
        let outcome = try await apply([.playing(seq: 0)], with: database.applier("writer"), in: database, while: Removal.compact)
        #expect(outcome == Outcome(applied: 1, writtenRows: 1))
        #expect(try await database.row()?.state == SessionState.folding([.playing(seq: 0)]))
    }

    private static let chunks = PostgresStatement(name: "chunks", sql: "SELECT count(*) FROM history_chunk")
    private static let rows = PostgresStatement(name: "rows", sql: "SELECT count(*) FROM playback_session")

    /// Two processors are given events of one compacted session.
    @Test("brought back by another: who found the session compacted writes onto the row")
    func broughtBackByAnother() async throws {
        let database = try await TestDatabase()
        _ = try await database.applier("first").apply([.playing(seq: 0), .playing(seq: 1)])
        try await Removal.compact.commit(over: database.removing())
        // Both stand before the lock that bringing back takes.
        let gate = try await database.removing("gate")
        async let one = database.applier("one").apply([.playing(seq: 2)])
        async let two = database.applier("two").apply([.playing(seq: 3)])
        for name in ["one", "two"] { try await database.awaitStop(of: name, at: .advisoryLock) }
        try await gate.runScript("COMMIT")
        let outcomes = try await [one, two]
        #expect(outcomes.map(\.applied) == [1, 1])
        #expect(try await database.row()?.state == SessionState.folding((0..<4).map { .playing(seq: $0) }))
    }

    /// The writer has found the session compacted, and stands before the lock that bringing back takes.
    @Test("erased: a compacted session is not brought back, and the member can be readmitted", arguments: [true, false])
    func eraseBeforeBringingBack(chunksGoFirst: Bool) async throws {
        let database = try await TestDatabase()
        _ = try await database.applier("other").apply([.playing(seq: 0), .playing(seq: 1)])
        try await Removal.compact.commit(over: database.removing())
        let remover = try await database.removing("eraser")
        async let outcome = database.applier("writer").apply([.playing(seq: 2)])
        try await database.awaitStop(of: "writer", at: .advisoryLock)
        _ = try await remover.run(MemberEraser.mark(.text("m-1")))
        let eraser = MemberEraser(pool: database.pool())
        if chunksGoFirst {
            // Whatever is left goes behind the writer.
            try await remover.runScript("DELETE FROM history_chunk; COMMIT")
        } else {
            try await remover.runScript("COMMIT")
        }
        #expect(try await outcome == Outcome(erased: 1, loadedRows: 2))
        try await eraser.removeRows(of: "m-1")
        #expect(try await database.row() == nil)
        for table in ["playback_session", "history_chunk", "title_bookmark", "member_state", "erasure", "hidden_title"] {
            let count = PostgresStatement(name: "count_\(table)", sql: "SELECT count(*) FROM \(table)")
            #expect(try await database.connection().run(count()).int8(0, 0) == 0, "\(table)")
        }
        #expect(try await eraser.readmit("m-1"))
    }

    @Test("erased: what is too old is left to the eraser, who subtracts it from the sums")
    func eraseBeforeRetention() async throws {
        let database = try await TestDatabase()
        _ = try await database.applier("other").apply([.playing(seq: 0), .playing(seq: 1)])
        try await Removal.compact.commit(over: database.removing())
        let remover = try await database.removing("eraser")
        async let removed = HistoryRetention(connection: database.connection("retention")).removeChunks(of: "m-1", endedBefore: .max)
        try await database.awaitStop(of: "retention", at: .advisoryLock)
        _ = try await remover.run(MemberEraser.mark(.text("m-1")))
        try await remover.runScript("COMMIT")
        #expect(try await removed == 0)
        let eraser = MemberEraser(pool: database.pool())
        try await eraser.removeRows(of: "m-1")
        #expect(try await TitleStatistics(pool: database.pool()).days(of: "t-1", in: 0..<100_000).isEmpty)
        #expect(try await eraser.readmit("m-1"))
    }

    @Test("compacted, three times: a session read as new loses each time that the epoch rose after its reading")
    func compactBetweenReadAndInsert() async throws {
        let database = try await TestDatabase()
        let applier = database.applier("writer")
        var remover = try await database.removing("remover-0")
        async let outcome = applier.apply([.playing(seq: 4)])
        for round in 1...3 {
            try await database.awaitStop(of: "writer", at: .advisoryLock)
            // The next remover stands behind the writer: it has the lock before the writer comes again.
            async let next = database.removing("remover-\(round)")
            try await database.awaitStop(of: "remover-\(round)", at: .advisoryLock)
            try await Removal.epoch(through: 1_763_700_000_000).commit(over: remover)
            remover = try await next
        }
        try await database.awaitStop(of: "writer", at: .advisoryLock)
        try await remover.runScript("COMMIT")
        #expect(try await outcome == Outcome(applied: 1, lostRaces: 3, writtenRows: 1, loadedRows: 4))
        #expect(try await database.row()?.state == SessionState.folding([.playing(seq: 4)]))
    }

    /// Equal in everything but the revision, which comes from one sequence for all writes and so is never seen twice.
    @Test(
        "removed and inserted anew: what was folded onto the first row does not replace the second", arguments: [1, 2], [true, false])
    func sameRowAgain(writes: Int, isRemembered: Bool) async throws {
        let database = try await TestDatabase()
        let events: [PlaybackEvent] = [.playing(seq: 0), .playing(seq: 1)]
        let applier = database.applier("writer")
        for batch in writes == 1 ? [events] : [[events[0]], [events[1]]] { _ = try await applier.apply(batch) }
        let read = try #require(try await database.row())

        try await database.connection().runScript("DELETE FROM playback_session")
        _ = try await database.applier("other").apply(events)
        let second = try #require(try await database.row())
        #expect(second.state == read.state && second.revision > read.revision)

        if isRemembered {
            let outcome = try await applier.apply([.playing(seq: 2)])
            #expect(outcome == Outcome(applied: 1, lostRaces: 1, writtenRows: 1, cacheHits: 1, loadedRows: 1))
            #expect(try await database.row()?.state == SessionState.folding(events + [.playing(seq: 2)]))
        } else {
            var state = read.state
            state.apply(.playing(seq: 2))
            let stale = SessionWrite(
                key: SessionKey(memberId: "m-1", sessionId: "s-1"), state: state, condition: .revision(read.revision))
            #expect(try await GuardedWrite(connection: database.connection("by-hand")).commit([stale], deadLetters: []) == [nil])
            #expect(try await database.row()?.revision == second.revision)
        }
    }

    /// Without the writer's lock the removal would not see the row that is not yet committed, and leave it.
    @Test("a removal waits for writers that are before their COMMIT, and takes their rows too")
    func writerFirst() async throws {
        let database = try await TestDatabase()
        let gate = try await database.inserting("s-2")
        // It has inserted s-1 when it stops at s-2.
        async let outcome = database.applier("writer").apply([.playing(seq: 0), .playing(session: "s-2", seq: 0)])
        try await database.awaitStop(of: "writer", at: .transaction)
        async let removing = database.removing()
        try await database.awaitStop(of: "remover", at: .advisoryLock)
        try await gate.runScript("ROLLBACK")
        #expect(try await outcome == Outcome(applied: 2, writtenRows: 2))
        try await Removal.erase.commit(over: removing)
        #expect(try await database.row() == nil)
        #expect(try await database.row("s-2") == nil)
    }
}
