import BlockingClient
import Foundation
import HistoryStore
import TestSupport
import Testing

@Suite struct PipelinedReadsTests {
    private let database: TestDatabase
    private let echo = PostgresStatement(name: "echo", sql: "SELECT $1::int8")

    init() async throws {
        database = try await TestDatabase(isMigrated: false)
    }

    private func reads(
        connections: Int = 1, atOnce: Int = 16, maximalOpen: Int = 4096, timeout: Duration = .seconds(30),
        patience: Duration = .seconds(20)
    ) -> PipelinedReads {
        PipelinedReads(
            TestDatabase.patient(PostgresConfiguration(url: database.url, requestTimeout: timeout)), connections: connections,
            atOnce: atOnce,
            maximalOpen: maximalOpen, patience: patience, name: "reads", logger: .silent)
    }

    /// Runs reads side by side.
    /// - Returns: the results in the order of the reads.
    private func run(_ queries: [PostgresQuery], over reads: PipelinedReads) async -> [Result<PostgresResult, any Error>] {
        await withTaskGroup { group in
            for (index, query) in queries.enumerated() {
                group.addTask { await (index, Self.result { try await reads.run(query) }) }
            }
            var results: [Int: Result<PostgresResult, any Error>] = [:]
            for await (index, result) in group { results[index] = result }
            return queries.indices.compactMap { results[$0] }
        }
    }

    private static func result(_ body: () async throws -> PostgresResult) async -> Result<PostgresResult, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    @Test func everyReadHasItsOwnAnswer() async throws {
        for connections in [1, 3] {
            let results = await run((0..<500).map { echo(.int8($0)) }, over: reads(connections: connections))
            #expect(try results.map { try $0.get().int8(0, 0) } == (0..<500).map { $0 })
        }
    }

    /// `now()` is the time at which a transaction began.
    @Test func whatWaitsForABusyConnectionGoesTogether() async throws {
        let reads = reads(atOnce: 8)
        let lock = PostgresStatement(name: "lock", sql: "SELECT pg_advisory_lock(7), pg_advisory_unlock(7)")
        let gate = database.connection("gate")
        _ = try await gate.run(PostgresStatement(name: "gate", sql: "SELECT pg_advisory_lock(7)")())
        async let first = reads.run(lock())
        try await eventually("it waits") {
            let sql =
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            return try await gate.run(PostgresStatement(name: "waiting", sql: sql)()).int8(0, 0) == 1
        }
        let began = PostgresStatement(name: "began", sql: "SELECT now()::text")
        async let others = run((0..<20).map { _ in began() }, over: reads)
        try await eventually("they wait too") { reads.open == 21 }
        _ = try await gate.run(PostgresStatement(name: "open", sql: "SELECT pg_advisory_unlock(7)")())
        _ = try await first
        let times = try await others.map { try $0.get().text(0, 0) }
        #expect(times.count == 20 && Set(times).count <= 3, "8, 8 and 4: \(times)")
    }

    @Test func whatOneReadMeetsTouchesNoOther() async throws {
        let divide = PostgresStatement(name: "divide", sql: "SELECT 60 / $1::int8")
        let wrong = PostgresStatement(name: "wrong", sql: "SELECT nothing FROM nowhere")
        let results = await run((0..<60).map { $0 % 7 == 3 ? wrong() : divide(.int8($0 % 5)) }, over: reads())
        for (index, result) in results.enumerated() {
            switch result {
            case .success(let row):
                #expect(index % 7 != 3)
                #expect(row.int8(0, 0).map { $0 * Int64(index % 5) } == 60, "\(index)")
            case .failure(let error):
                #expect((error as? PostgresError)?.sqlState == (index % 7 == 3 ? "42P01" : "22012"), "\(index): \(error)")
            }
        }
    }

    @Test func aServerThatDoesNotAnswerCostsTheTimeoutAndNoMoreForThoseThatWaitToo() async throws {
        let reads = reads(connections: 2, atOnce: 4, timeout: .seconds(2))
        // Connecting is not what is measured, and may take as long on a busy disk.
        try await eventually("it answers") { (try? await reads.run(echo(.int8(1))))?.int8(0, 0) == 1 }
        let sleep = PostgresStatement(name: "sleep", sql: "SELECT pg_sleep(60)")
        let began = ContinuousClock.now
        let results = await run((0..<100).map { _ in sleep() }, over: reads)
        #expect(.now - began < .seconds(15), "not 2 s for each turn")
        for result in results { #expect(throws: PostgresError.self) { try result.get() } }
        try await eventually("it goes on") { (try? await reads.run(echo(.int8(2))))?.int8(0, 0) == 2 }
    }

    @Test func allConnectionsMayBeLost() async throws {
        let reads = reads(connections: 4)
        _ = await run((0..<50).map { echo(.int8($0)) }, over: reads)
        for _ in 0..<3 {
            try await database.connection("killer").runScript(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            let results = await run((0..<50).map { echo(.int8($0)) }, over: reads)
            #expect(try results.map { try $0.get().int8(0, 0) } == (0..<50).map { $0 })
        }
    }

    @Test func aServerThatIsGoneIsSaidSoon() async throws {
        let reads = PipelinedReads(
            PostgresConfiguration(url: "postgres://playhead@127.0.0.1:1/playhead"), connections: 2, patience: .milliseconds(200),
            name: "reads", logger: .silent)
        let began = ContinuousClock.now
        for result in await run((0..<20).map { echo(.int8($0)) }, over: reads) {
            let error = #expect(throws: PostgresError.self) { try result.get() }
            #expect(error?.failureClass == .retryable)
        }
        #expect(.now - began < .seconds(10), "not the 30 s of the request timeout")
    }

    @Test func tooManyAreRefusedAtOnce() async throws {
        let reads = reads(maximalOpen: 3, timeout: .seconds(2))
        let sleep = PostgresStatement(name: "sleep", sql: "SELECT pg_sleep(60)")
        let results = await run((0..<10).map { _ in sleep() }, over: reads)
        #expect(
            results.count { result in
                if case .failure(let error as PostgresError) = result { error.kind == .overloaded } else { false }
            } == 7)
    }
}
