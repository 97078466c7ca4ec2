import HistoryStore
import Models
import TestSupport
import Testing

@Suite struct HistoryExportTests {
    private let database: TestDatabase
    /// One connection: what one export leaves behind meets the next.
    private let pool: PostgresPool

    init() async throws {
        database = try await TestDatabase()
        pool = database.pool(size: 1)
        let applier = SessionApplier(connection: database.connection("writer"))
        _ = try await applier.apply((0..<1200).map { .playing(session: OpaqueID("s-\($0)"), seq: 0) })
    }

    private func sessions(withStates: Bool = false) async throws -> Int {
        let export = try await HistoryExport(of: "m-1", withStates: withStates, pool: pool)
        var count = 0
        while let rows = try await export.next() { count += rows.count }
        return count
    }

    @Test func anExportThatIsBrokenOffDoesNotDisturbTheNext() async throws {
        for withStates in [true, false] {
            var export: HistoryExport? = try await HistoryExport(of: "m-1", withStates: withStates, pool: pool)
            #expect(try await export?.next()?.count == 500)
            export = nil
            #expect(try await sessions(withStates: withStates) == 1200)
        }
    }

    @Test func theServerMayHaveRestartedSinceTheLastOne() async throws {
        #expect(try await sessions() == 1200)
        try await database.connection("killer").runScript(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        #expect(try await sessions() == 1200)
    }

    /// What is written meanwhile is left out.
    @Test func itIsOneSnapshot() async throws {
        let export = try await HistoryExport(of: "m-1", withStates: false, pool: pool)
        var count = try await export.next()?.count ?? 0
        _ = try await SessionApplier(connection: database.connection("later")).apply([.playing(session: "later", seq: 0)])
        while let rows = try await export.next() { count += rows.count }
        #expect(count == 1200)
        #expect(try await sessions() == 1201)
    }
}
