import Models
import TestSupport
import Testing

@testable import HistoryStore

@Suite struct SessionImporterTests {
    private let database: TestDatabase
    private let importer: SessionImporter

    init() async throws {
        database = try await TestDatabase()
        importer = SessionImporter(connection: database.connection("importer"))
    }

    private func session(
        _ id: OpaqueID, member: OpaqueID = "m-1", seqs: ClosedRange<Int64> = 0...3
    ) throws -> (key: SessionKey, state: SessionState) {
        let state = try #require(SessionState.folding(seqs.map { .playing(member: member, session: id, seq: $0) }))
        return (SessionKey(memberId: member, sessionId: id), state)
    }

    @Test func whatIsThereStays() async throws {
        #expect(try await importer.write([session("a"), session("b")]).written == 2)
        let again = try await importer.write([session("a"), session("b", seqs: 0...4), session("c")])
        #expect(again.written == 1 && again.same == 1 && again.different == [SessionKey(memberId: "m-1", sessionId: "b")])
        let page = try await HistoryReader(pool: database.pool()).history(of: "m-1", filter: .init(), after: nil, limit: 10)
        #expect(page.sessions.count == 3 && page.sessions.allSatisfy { $0.summary.positionMs == 30_000 })
    }

    @Test func nothingOfErasedMembersIsTaken() async throws {
        try await MemberEraser(pool: database.pool()).erase("m-1")
        let outcome = try await importer.write([session("a"), session("a", member: "m-2")])
        #expect(outcome.written == 1 && outcome.erased == 1)
    }

    /// In the transaction of the rows: where those are there, so is this.
    @Test func itIsAnnounced() async throws {
        let administrator = database.connection("administrator")
        try await administrator.runScript("ALTER TABLE change_outbox ADD CONSTRAINT planted CHECK (session_id <> 'b')")
        await #expect(throws: PostgresError.self) { try await importer.write([session("a"), session("b")]) }
        #expect(try await HistoryReader(pool: database.pool()).history(of: "m-1", filter: .init(), after: nil, limit: 10).sessions.isEmpty)
        try await administrator.runScript("ALTER TABLE change_outbox DROP CONSTRAINT planted")
        _ = try await importer.write([session("a"), session("b")])
        let outbox = ChangeOutbox(connection: database.connection("outbox"))
        var announced: [HistoryChange] = []
        while try await outbox.drain({ announced += $0 }) > 0 {}
        let ids = announced.compactMap { change in if case .session(let id, _) = change.content { id } else { nil } }
        #expect(ids.sorted() == ["a", "b"])
    }

    /// A plan that returns rows in another order than that of their keys would count some of them twice.
    @Test func manyOfANewMemberAreAllWritten() async throws {
        let sessions = try (0..<400).map { try session(OpaqueID("s-\($0)")) }
        let outcome = try await importer.write(sessions)
        #expect(outcome.written == 400 && outcome.same == 0)
    }
}
