import BlockingClient
import Testing

@testable import HistoryStore

@Suite("What may be done about an error of PostgreSQL")
struct PostgresErrorTests {
    @Test(
        "the data was refused",
        arguments: ["22000", "22001", "22003", "22008", "22021", "22P02", "22P05", "23000", "23502", "23503", "23505", "23514", "23P01"])
    func data(sqlState: String) {
        #expect(PostgresError(.server(sqlState: sqlState), "x").failureClass == .data)
    }

    @Test(
        "the same, later, may succeed",
        arguments: [
            "08000", "08006", "08P01", "40001", "40P01", "40003", "53100", "53200", "53300", "55006", "55P03", "57014", "57P01", "57P02",
            "57P03",
            "58000", "58030", "XX000", "XX001", "25006",
        ])
    func retryable(sqlState: String) {
        #expect(PostgresError(.server(sqlState: sqlState), "x").failureClass == .retryable)
    }

    @Test(
        "a person is needed",
        arguments: [
            "42601", "42501", "42P01", "42703", "28000", "28P01", "3D000", "3F000", "0A000", "25001", "25P02", "26000", "54000", "P0001",
            "", "2",
        ])
    func fatal(sqlState: String) {
        #expect(PostgresError(.server(sqlState: sqlState), "x").failureClass == .fatal)
    }

    @Test("without an answer the way to the server is in trouble", arguments: [PostgresError.Kind.connection, .backingOff])
    func unreachable(kind: PostgresError.Kind) {
        let error = PostgresError(kind, "no route")
        #expect(error.failureClass == .retryable)
        #expect(error.sqlState == nil)
        #expect("\(error)" == "postgres: no route")
    }

    @Test("a result of another shape is the program's fault")
    func unexpected() {
        #expect(PostgresError(.unexpectedResult, "x").failureClass == .fatal)
    }

    @Test("the SQLSTATE is shown")
    func description() {
        let error = PostgresError(.server(sqlState: "23505"), "duplicate key")
        #expect(error.sqlState == "23505")
        #expect("\(error)" == "postgres: duplicate key (SQLSTATE 23505)")
    }
}
