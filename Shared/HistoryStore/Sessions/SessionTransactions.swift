import Models

/// The transactions that writes of sessions are committed in, so that writers who meet do not hold each other up.
struct SessionTransactions: Sendable {
    let write: GuardedWrite
    /// Whether changes are announced by way of the outbox, in the same transaction.
    let keepsChanges: Bool
    /// Whether others write the same sessions all the time: then known and new rows are written in transactions of their own.
    let meetsOthers: Bool

    /// An update and an insert of one transaction are each in the order of the keys, but not together: two writers that take each other's
    /// known row for new wait in a circle. The server undoes one of them, and the other one goes on.
    /// - Returns: the revision of each row, nil for one that lost a race; nil as a whole where this transaction was the one that was undone: all of
    ///   its writes lost.
    /// - Throws: ``PostgresError``
    func commitUnlessDeadlocked(
        _ writes: [SessionWrite], _ deadLetters: [DeadLetter], _ shadowed: Set<OpaqueID>
    ) async throws(PostgresError) -> [Int64?]? {
        do throws(PostgresError) {
            guard meetsOthers else {
                return try await write.commit(writes, deadLetters: deadLetters, keepsChanges: keepsChanges, shadowed: shadowed)
            }
            return try await commitApart(writes, deadLetters, shadowed)
        } catch {
            guard error.isDeadlock else { throw error }
            return nil
        }
    }

    private func commitApart(
        _ writes: [SessionWrite], _ deadLetters: [DeadLetter], _ shadowed: Set<OpaqueID>
    ) async throws(PostgresError) -> [Int64?] {
        let new = writes.indices.filter { if case .absent = writes[$0].condition { true } else { false } }
        let known = writes.indices.filter { if case .revision = writes[$0].condition { true } else { false } }
        var revisions: [Int64?] = Array(repeating: nil, count: writes.count)
        for (places, letters) in [(known, []), (new, deadLetters)] where !places.isEmpty || !letters.isEmpty {
            let written = try await write.commit(
                places.map { writes[$0] }, deadLetters: letters, keepsChanges: keepsChanges, shadowed: shadowed)
            for (place, revision) in zip(places, written) { revisions[place] = revision }
        }
        return revisions
    }
}
