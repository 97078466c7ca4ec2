import Models
import TestSupport
import Testing

@testable import HistoryStore

/// The server makes a COMMIT wait for a standby that does not exist, after it was written: its answer can be lost for certain.
@Suite("A COMMIT whose answer is lost")
struct LostCommitTests {
    @Test("has counted its events: applying them again changes nothing, and nothing is remembered from before")
    func lostAnswer() async throws {
        let server = try await PrivateServers(.postgres)
        func connection(_ name: String) -> PostgresConnection {
            PostgresConnection(
                TestDatabase.patient(PostgresConfiguration(url: server.url, plans: .inKeyOrder)), name: name, logger: .silent)
        }
        let control = connection("control")
        _ = try await Migrator(connection: control).migrate()
        let applier = SessionApplier(connection: connection("writer"))
        _ = try await applier.apply([.playing(seq: 0)])

        try await control.runScript("CREATE TABLE probe ()")
        try await control.runScript("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await control.runScript("SELECT pg_reload_conf()")
        // The server follows when it gets to it: from the first COMMIT that waits, all do.
        let probe = Task {
            let connection = connection("probe")
            while !Task.isCancelled { try await connection.runScript("INSERT INTO probe DEFAULT VALUES") }
        }
        try await awaitStop(of: "probe", seenBy: control)
        probe.cancel()

        let batch: [PlaybackEvent] = [.playing(seq: 1), .playing(session: "s-2", seq: 0)]
        async let lost = Attempt { () async throws(PostgresError) in try await applier.apply(batch) }
        try await awaitStop(of: "writer", seenBy: control)
        try await control.runScript("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'writer'")
        #expect(await lost.error?.kind == .connection)
        try await control.runScript("ALTER SYSTEM RESET synchronous_standby_names")
        try await control.runScript("SELECT pg_reload_conf()")

        let keys = batch.map(\.key)
        let before = try await GuardedWrite(connection: control).load(keys).map(\.row?.revision)
        #expect(before.allSatisfy { $0 != nil }, "the transaction was carried out")
        // As a processor does: again until it is answered.
        var again: SessionApplier.Outcome?
        try await eventually("the batch is applied") {
            again = await Attempt { () async throws(PostgresError) in try await applier.apply(batch) }.outcome
            return again != nil
        }
        // Seq 0 lets s-2 be taken for new, which loses; s-1 is read, as the row that was remembered is forgotten.
        #expect(again == SessionApplier.Outcome(duplicates: 2, lostRaces: 1, loadedRows: 2))
        #expect(try await GuardedWrite(connection: control).load(keys).map(\.row?.revision) == before)
    }

    private func awaitStop(of name: String, seenBy observer: PostgresConnection) async throws {
        try await eventually("the COMMIT of \(name) waits for its standby") {
            try await observer.run(Self.waiting(.text(name))).int8(0, 0) == 1
        }
    }

    private static let waiting = PostgresStatement(
        name: "waiting", sql: "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'SyncRep'")
}
