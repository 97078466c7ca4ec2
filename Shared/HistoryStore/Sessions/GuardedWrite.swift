import Models
import Wire

/// The sequence-numbered write: a row is changed only by the writer that folded onto its latest revision.
struct GuardedWrite: Sendable {
    let connection: PostgresConnection

    /// Reads rows and epochs in one snapshot.
    /// - Returns: a value for every key.
    func load(_ keys: [SessionKey]) async throws(PostgresError) -> [SessionKey: KnownSession] {
        let result = try await connection.run(
            SessionTable.load(.texts(keys.map(\.memberId.text)), .texts(keys.map(\.sessionId.text))))
        var known: [SessionKey: KnownSession] = [:]
        for row in 0..<result.rowCount {
            let ordinal = try PostgresResult.required(result.int8(row, 0), "ordinal")
            var session = KnownSession(
                row: nil, epoch: try PostgresResult.required(result.int8(row, 3), "epoch"), memberIsErased: result.bool(row, 4) == true)
            if let revision = result.int8(row, 1), let state = result.bytes(row, 2) {
                do {
                    session.row = .init(state: try WireSessionState.decode(state), revision: revision)
                } catch {
                    throw PostgresError(.unexpectedResult, "playback_session.state at revision \(revision): \(error)")
                }
            }
            known[keys[Int(ordinal) - 1]] = session
        }
        return known
    }

    /// Writes in one transaction and one round trip: locks, updates, inserts, dead letters, COMMIT.
    /// - Returns: the new revisions of the sessions that were written. Those that are missing lost a race: load, fold and write again.
    func commit(_ writes: [SessionWrite], deadLetters: [DeadLetter]) async throws(PostgresError) -> [SessionKey: Int64] {
        // In the order of the keys, so that two writers of the same rows queue up instead of waiting for each other in a circle.
        let writes = writes.sorted { $0.key < $1.key }
        var updates: [SessionWrite] = []
        var revisions: [Int64] = []
        var inserts: [SessionWrite] = []
        var epochs: [Int64?] = []
        for write in writes {
            switch write.condition {
            case .revision(let revision):
                updates.append(write)
                revisions.append(revision)
            case .absent(let epoch):
                inserts.append(write)
                epochs.append(epoch)
            }
        }
        var queries: [PostgresQuery] = [.begin]
        if !writes.isEmpty {
            queries.append(SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of(writes.map(\.key.memberId)))))
        }
        let firstWritten = queries.count
        if !updates.isEmpty { queries.append(SessionTable.update(SessionTable.parameters(of: updates) + [.int8s(revisions)])) }
        if !inserts.isEmpty { queries.append(SessionTable.insert(SessionTable.parameters(of: inserts) + [.int8s(epochs)])) }
        let lastWritten = queries.count
        if !deadLetters.isEmpty { queries.append(DeadLetter.insert(deadLetters)) }
        queries.append(.commit)

        let results = try await connection.run(queries)
        guard results.count == queries.count else {
            throw PostgresError(.unexpectedResult, "\(results.count) results for \(queries.count) statements")
        }
        var written: [SessionKey: Int64] = [:]
        for result in results[firstWritten..<lastWritten] {
            for row in 0..<result.rowCount {
                let key = SessionKey(
                    memberId: OpaqueID(try PostgresResult.required(result.text(row, 0), "member_id")),
                    sessionId: OpaqueID(try PostgresResult.required(result.text(row, 1), "session_id")))
                written[key] = try PostgresResult.required(result.int8(row, 2), "revision")
            }
        }
        return written
    }
}
