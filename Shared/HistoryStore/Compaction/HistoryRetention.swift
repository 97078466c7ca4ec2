import Models

/// Removes what is no longer kept.
public struct HistoryRetention: Sendable {
    private let connection: PostgresConnection
    private let afterTransaction: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - connection: for this alone, as its transactions take several round trips.
    ///   - afterTransaction: is awaited after each one that removed sessions, with how many.
    public init(connection: PostgresConnection, afterTransaction: @escaping @Sendable (Int) async -> Void = { _ in }) {
        self.connection = connection
        self.afterTransaction = afterTransaction
    }

    /// Removes a member's chunks whose sessions all ended before a time, until none is left or the task is cancelled.
    /// - Returns: how many sessions they had.
    /// - Throws: ``PostgresError``
    public func removeChunks(of member: OpaqueID, endedBefore time: Timestamp) async throws(PostgresError) -> Int {
        var total = 0
        while !Task.isCancelled {
            let removed = try await ChunkRemover(connection: connection).removeExpired(of: member, endedBefore: time)
            if removed == 0 { return total }
            total += removed
            await afterTransaction(removed)
        }
        return total
    }
}
