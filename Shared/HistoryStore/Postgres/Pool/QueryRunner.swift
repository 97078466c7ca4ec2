/// Whatever sends one statement that may be repeated and waits for its result.
public protocol QueryRunner: Sendable {
    /// - Throws: ``PostgresError``
    func run(_ query: PostgresQuery) async throws(PostgresError) -> PostgresResult
}

extension PostgresPool: QueryRunner {
    public func run(_ query: PostgresQuery) async throws(PostgresError) -> PostgresResult {
        try await run([query])[0]
    }
}
