import Models
import TestSupport
import Testing

@testable import HistoryStore

/// Two writers that share a known and a new session.
@Suite("Waiting in a circle")
struct CircleTests {
    @Test("a writer that meets others holds no row while it waits for one that another inserts")
    func rowsApart() async throws {
        let database = try await TestDatabase()
        let writer = SessionApplier(connection: database.connection("writer"), cacheBytes: 0, meetsOthers: true)
        _ = try await writer.apply([.playing(session: "b-known", seq: 0)])
        let other = try await database.inserting("a-new")
        async let outcome = writer.apply([.playing(session: "b-known", seq: 1), .playing(session: "a-new", seq: 0)])
        try await database.awaitStop(of: "writer", at: .transaction)
        // In one transaction with its update this would close the circle, and PostgreSQL would undo one of the two after a second.
        try await other.runScript(
            "SET LOCAL deadlock_timeout = '10ms'; UPDATE playback_session SET revision = revision WHERE session_id = 'b-known'")
        #expect(try await database.row("b-known")?.state.eventCount == 2, "its update is committed")
        try await other.runScript("ROLLBACK")
        #expect(try await outcome.applied == 2)
    }
}
