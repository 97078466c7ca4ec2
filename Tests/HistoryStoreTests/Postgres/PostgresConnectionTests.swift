import BlockingClient
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

@Suite struct PostgresConnectionTests {
    @Test func everyTypeComesBackAsItWas() async throws {
        let database = try await TestDatabase(isMigrated: false)
        let echo = PostgresStatement(
            name: "echo",
            sql: "SELECT $1::text, $2::bytea, $3::int8, $4::int4, $5::timestamptz, $6::text, ''::text, ''::bytea, $7::timestamptz")
        let bytes = (0...255).map { UInt8($0) }
        let result = try await database.connection().run(
            echo(
                .text("Žluťoučký 🐎"), .bytes(bytes), .int8(.min), .int4(-7), .timestamp(1_763_700_000_123), .text(nil), .timestamp(.max)))
        #expect(result.rowCount == 1)
        #expect(result.text(0, 0) == "Žluťoučký 🐎")
        #expect(result.bytes(0, 1) == bytes)
        #expect(result.int8(0, 2) == .min)
        #expect(result.int4(0, 3) == -7)
        #expect(result.timestamp(0, 4) == 1_763_700_000_123)
        #expect(result.isNull(0, 5) && result.text(0, 5) == nil)
        #expect(result.text(0, 6) == "" && result.bytes(0, 7) == [])
        #expect(result.timestamp(0, 8) == .max)
    }

    @Test func arraysComeBackRowByRow() async throws {
        let database = try await TestDatabase(isMigrated: false)
        let unnest = PostgresStatement(
            name: "unnest", sql: "SELECT * FROM unnest($1::text[], $2::int8[], $3::bool[], $4::timestamptz[], $5::bytea[], $6::int4[])")
        let result = try await database.connection().run(
            unnest(
                .texts(["a", nil, ""]), .int8s([1, nil, -3]), .bools([true, false, nil]), .timestamps([0, nil, 946_684_800_001]),
                .byteStrings([[0, 1], nil, []]), .int4s([5, nil, 7])))
        #expect((0..<3).map { result.text($0, 0) } == ["a", nil, ""])
        #expect((0..<3).map { result.int8($0, 1) } == [1, nil, -3])
        #expect((0..<3).map { result.bool($0, 2) } == [true, false, nil])
        #expect((0..<3).map { result.timestamp($0, 3) } == [0, nil, 946_684_800_001])
        #expect((0..<3).map { result.bytes($0, 4) } == [[0, 1], nil, []])
        #expect((0..<3).map { result.int4($0, 5) } == [5, nil, 7])
    }

    @Test func whatFailsIsRolledBackAndTheConnectionGoesOn() async throws {
        let database = try await TestDatabase(isMigrated: false)
        let connection = database.connection()
        try await connection.runScript("CREATE TABLE t (i bigint PRIMARY KEY)")
        let insert = PostgresStatement(name: "insert", sql: "INSERT INTO t VALUES ($1)")
        let count = PostgresStatement(name: "count", sql: "SELECT count(*) FROM t")
        // Twice: the second time all statements are prepared.
        for _ in 0..<2 {
            let error = await #expect(throws: PostgresError.self) {
                try await connection.run([.begin, insert(.int8(1)), insert(.int8(1)), count(), .commit])
            }
            #expect(error?.sqlState == "23505")
            #expect(error?.failureClass == .data)
            #expect(try await connection.run(count()).int8(0, 0) == 0)
        }
        // Without BEGIN a pipeline is one transaction as well.
        await #expect(throws: PostgresError.self) { try await connection.run([insert(.int8(2)), insert(.int8(2))]) }
        #expect(try await connection.run(count()).int8(0, 0) == 0)
        _ = try await connection.run([.begin, insert(.int8(3)), .commit])
        #expect(try await connection.run(count()).int8(0, 0) == 1)
    }

    @Test(arguments: [
        ("SELECT 1/0", FailureClass.data), ("SELECT * FROM nowhere", .fatal), ("SELEC", .fatal),
        ("SELECT pg_terminate_backend(pg_backend_pid())", .retryable),
    ])
    func failuresAreClassified(sql: String, expected: FailureClass) async throws {
        let connection = try await TestDatabase(isMigrated: false).connection()
        let error = await #expect(throws: PostgresError.self) { try await connection.run(PostgresStatement(name: "s", sql: sql)()) }
        #expect(error?.failureClass == expected)
        // Whatever it was, the next statement works, over a new connection if need be.
        try await eventually("it works again") {
            (try? await connection.run(PostgresStatement(name: "one", sql: "SELECT 1::int4")()).int4(0, 0)) == 1
        }
    }

    @Test func aServerThatDoesNotAnswerCostsTheTimeoutAndNoMore() async throws {
        let connection = try await TestDatabase(isMigrated: false).connection(requestTimeout: .seconds(2))
        let began = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) {
            try await connection.run(PostgresStatement(name: "sleep", sql: "SELECT pg_sleep(60)")())
        }
        #expect(error?.failureClass == .retryable)
        #expect(.now - began < .seconds(10))
    }

    @Test func moreThanTheSocketsHoldGoesBothWaysAtOnce() async throws {
        let connection = try await TestDatabase(isMigrated: false).connection()
        let echo = PostgresStatement(name: "echo", sql: "SELECT $1::bytea")
        let megabyte = [UInt8](repeating: 7, count: 1 << 20)
        let results = try await connection.run((0..<24).map { _ in echo(.bytes(megabyte)) })
        #expect(results.count == 24)
        #expect(results.allSatisfy { $0.bytes(0, 0) == megabyte })
    }

    @Test func aPoolServesMoreCallersThanItHasConnections() async throws {
        let pool = try await TestDatabase(isMigrated: false).pool(size: 2)
        let echo = PostgresStatement(name: "echo", sql: "SELECT $1::int8")
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<Int64(200) {
                group.addTask { try await pool.run([echo(.int8(number))])[0].int8(0, 0) == number }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
    }

    @Test func aPoolOutlivesTheLossOfAllItsConnections() async throws {
        let database = try await TestDatabase(isMigrated: false)
        let pool = database.pool(size: 4)
        let one = PostgresStatement(name: "one", sql: "SELECT 1::int4")
        for _ in 0..<8 { _ = try await pool.run([one()]) }
        try await database.connection("killer").runScript(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        for _ in 0..<8 { #expect(try await pool.run([one()])[0].int4(0, 0) == 1) }
    }

    @Test func migratingIsRepeatableAndMayRunTwiceAtOnce() async throws {
        let database = try await TestDatabase(isMigrated: false)
        let before = await #expect(throws: PostgresError.self) {
            try await Migrator(connection: database.connection()).requireLatestVersion()
        }
        #expect(before?.message.contains("playhead migrate") == true)
        async let first = Migrator(connection: database.connection()).migrate()
        async let second = Migrator(connection: database.connection()).migrate()
        #expect(try await first.count + second.count == Migration.all.count)
        #expect(try await Migrator(connection: database.connection()).migrate().isEmpty)
        try await Migrator(connection: database.connection()).requireLatestVersion()
    }
}
