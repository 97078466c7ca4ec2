import Models

extension PostgresConnection {
    /// Runs a transaction that no writer of the member shares, and no other one that removes rows of that member.
    ///
    /// Every 256th member waits meanwhile, so it should be short.
    /// - Parameters:
    ///   - queries: the first ones, sent with the lock.
    ///   - body: is given their results, and returns what to send with the COMMIT.
    /// - Returns: the results of what was sent with the COMMIT.
    /// - Throws: ``PostgresError``, also what `body` throws; nothing was changed then, unless the answer to the COMMIT was lost.
    @discardableResult
    nonisolated func alone(
        with member: OpaqueID, reading queries: [PostgresQuery], _ body: ([PostgresResult]) async throws(PostgresError) -> [PostgresQuery]
    ) async throws(PostgresError) -> [PostgresResult] {
        let lock = LockBuckets.lockAlone(.int4(LockBuckets.space), .int4(LockBuckets.of([member])[0]))
        do throws(PostgresError) {
            let results = try await run([.begin, lock] + queries)
            return try await run(body(Array(results.dropFirst(2))) + [.commit]).dropLast()
        } catch {
            _ = try? await run(PostgresQuery.rollback)
            throw error
        }
    }
}
