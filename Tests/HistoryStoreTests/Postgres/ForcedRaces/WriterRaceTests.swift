import BlockingClient
import Models
import TestSupport
import Testing

@testable import HistoryStore

/// Two writers in the middle of their transactions, each interleaving forced by a third connection that holds a row.
@Suite("A writer that meets another before its COMMIT")
struct WriterRaceTests {
    typealias Outcome = SessionApplier.Outcome

    @Test("waits for the new row, and folds onto it, or inserts its own where the other is undone", arguments: [true, false])
    func insertMeetsInsert(firstCommits: Bool) async throws {
        let database = try await TestDatabase()
        let gate = try await database.inserting("s-2")
        async let first = Attempt { () async throws(PostgresError) in
            try await database.applier("first").apply([.playing(seq: 0), .playing(session: "s-2", seq: 0)])
        }
        try await database.awaitStop(of: "first", at: .transaction)
        async let second = database.applier("second").apply([.playing(seq: 0), .playing(seq: 1)])
        try await database.awaitStop(of: "second", at: .transaction)

        if firstCommits { try await gate.runScript("ROLLBACK") } else { try await database.kill("first") }
        #expect(await first.outcome == (firstCommits ? Outcome(applied: 2, writtenRows: 2) : nil))
        #expect(
            try await second
                == (firstCommits
                    ? Outcome(applied: 1, duplicates: 1, lostRaces: 1, writtenRows: 1, loadedRows: 1) : Outcome(applied: 2, writtenRows: 1))
        )
        #expect(try await database.row()?.state == SessionState.folding([.playing(seq: 0), .playing(seq: 1)]))
    }

    @Test("waits for the changed row, and loses, or wins where the other is undone", arguments: [true, false])
    func updateMeetsUpdate(firstCommits: Bool) async throws {
        let database = try await TestDatabase()
        let remembering = database.applier("second")
        _ = try await remembering.apply([.playing(seq: 0), .playing(session: "s-2", seq: 0)])
        let gate = database.connection("gate")
        try await gate.runScript("BEGIN; SELECT 1 FROM playback_session WHERE session_id = 's-2' FOR UPDATE")
        async let first = Attempt { () async throws(PostgresError) in
            try await database.applier("first").apply([.playing(seq: 1), .playing(session: "s-2", seq: 1)])
        }
        try await database.awaitStop(of: "first", at: .transaction)
        async let second = remembering.apply([.playing(seq: 2)])
        try await database.awaitStop(of: "second", at: .transaction)

        if firstCommits { try await gate.runScript("COMMIT") } else { try await database.kill("first") }
        #expect(await first.outcome == (firstCommits ? Outcome(applied: 2, writtenRows: 2, loadedRows: 2) : nil))
        #expect(
            try await second
                == (firstCommits
                    ? Outcome(applied: 1, lostRaces: 1, writtenRows: 1, cacheHits: 1, loadedRows: 1)
                    : Outcome(applied: 1, writtenRows: 1, cacheHits: 1)))
        let seqs: [Int64] = firstCommits ? [0, 1, 2] : [0, 2]
        #expect(try await database.row()?.state == SessionState.folding(seqs.map { .playing(seq: $0) }))
    }

    /// Each knows the row that the other takes for new, as its start came again, and a transaction updates before it inserts.
    @Test("and that meets it at another row too, waits in a circle, which the server breaks and nobody sees")
    func circle() async throws {
        let database = try await TestDatabase()
        let (first, second) = (database.applier("first"), database.applier("second"))
        for (applier, known) in [(first, "s-1"), (second, "s-2")] {
            // The third row is the gate: it is updated after the known one and before the insert.
            _ = try await applier.apply([.playing(session: OpaqueID(known), seq: 0), .playing(session: OpaqueID("\(known)-gate"), seq: 0)])
        }
        let gate = database.connection("gate")
        try await gate.runScript("BEGIN; SELECT 1 FROM playback_session WHERE session_id LIKE '%-gate' FOR UPDATE")
        async let one = first.apply([.playing(seq: 1), .playing(session: "s-1-gate", seq: 1), .playing(session: "s-2", seq: 0)])
        async let other = second.apply([.playing(session: "s-2", seq: 1), .playing(session: "s-2-gate", seq: 1), .playing(seq: 0)])
        try await database.awaitStop(of: "first", at: .transaction)
        try await database.awaitStop(of: "second", at: .transaction)
        try await gate.runScript("COMMIT")
        // The starts were there before.
        let outcomes = [try await one, try await other]
        #expect(outcomes.map(\.applied) == [2, 2] && outcomes.map(\.duplicates) == [1, 1], "\(outcomes)")
        let deadlocks = PostgresStatement(
            name: "deadlocks", sql: "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        // Else this test forced nothing.
        try await eventually("the server has counted the deadlock") { try await gate.run(deadlocks()).int8(0, 0) == 1 }
        for session in ["s-1", "s-2"] as [OpaqueID] {
            #expect(try await database.row(session)?.state == SessionState.folding([0, 1].map { .playing(session: session, seq: $0) }))
        }
    }
}
