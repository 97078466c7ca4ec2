import Models
import Wire

/// The sequence-numbered write: a row is changed only by the writer that folded onto its latest revision.
struct GuardedWrite: Sendable {
    let connection: PostgresConnection

    /// Finds out whether these sessions could be written now, without waiting for anybody.
    /// - Throws: ``PostgresError`` where somebody holds a lock, too.
    func probe(_ keys: [SessionKey]) async throws(PostgresError) {
        let results = try await connection.run([
            .begin, SessionTable.lockTablesAtOnce(),
            SessionTable.lockBucketsAtOnce(.int4(LockBuckets.space), .int4s(LockBuckets.of(keys.map(\.memberId)))),
            SessionTable.lockRowsAtOnce(.texts(keys.map(\.memberId.text)), .texts(keys.map(\.sessionId.text))), .rollback,
        ])
        // NULL where there is no key.
        guard results[2].bool(0, 0) != false else {
            throw PostgresError(.server(sqlState: "55P03"), "somebody holds the lock of a member")
        }
    }

    /// Reads rows and epochs in one snapshot. Sessions that are compacted are read from their chunks.
    /// - Returns: a value for every key, in their order.
    func load(_ keys: [SessionKey]) async throws(PostgresError) -> [KnownSession] {
        guard !keys.isEmpty else { return [] }
        let result = try await connection.run(
            SessionTable.load(
                .texts(keys.map(\.memberId.text)), .texts(keys.map(\.sessionId.text)),
                .int4s(keys.map { StoredChunk.hash(of: $0.sessionId) })))
        var known = Array(repeating: KnownSession(), count: keys.count)
        guard result.rowCount == keys.count else {
            throw PostgresError(.unexpectedResult, "\(result.rowCount) rows for \(keys.count) sessions")
        }
        var compacted: [CompactedPlace] = []
        for row in 0..<result.rowCount {
            let index = Int(try PostgresResult.required(result.int8(row, 0), "ordinal")) - 1
            var session = KnownSession(
                row: nil, epoch: try PostgresResult.required(result.int8(row, 3), "epoch"), memberIsErased: result.bool(row, 4) == true,
                takenFrom: result.timestamp(row, 5) ?? .min)
            if let revision = result.int8(row, 1), let state = result.bytes(row, 2) {
                do {
                    session.row = .init(state: try WireSessionState.decode(state), revision: revision, takenFrom: session.takenFrom)
                } catch {
                    throw PostgresError(.unexpectedResult, "playback_session.state at revision \(revision): \(error)")
                }
            }
            known[index] = session
            if let ids = result.text(row, 6) {
                compacted += ids.split(separator: ",").compactMap { Int64($0) }.map {
                    CompactedPlace(index: index, key: keys[index], chunk: $0)
                }
            }
        }
        guard !compacted.isEmpty else { return known }
        // A chunk that is gone by now was written anew, or its session is a row again.
        return try await loadCompacted(compacted, &known) ? known : load(keys)
    }

    /// Writes in one transaction and one round trip: locks, updates, inserts, dead letters, COMMIT.
    /// - Parameters:
    ///   - writes: in the order of their keys, so that two writers of the same rows queue up instead of waiting for each other in a circle.
    ///   - keepsChanges: whether the rows are to be announced by way of the outbox.
    ///   - shadowed: members of whose new sessions it is noted that the shadow must have them too.
    /// - Returns: of each write the row's new revision; nil where it lost a race: load, fold and write again.
    func commit(
        _ writes: [SessionWrite], deadLetters: [DeadLetter], keepsChanges: Bool = false, shadowed: Set<OpaqueID> = []
    ) async throws(PostgresError) -> [Int64?] {
        var updates = Conditional<Int64>()
        var inserts = Conditional<Int64?>()
        for (index, write) in writes.enumerated() {
            switch write.condition {
            case .revision(let revision): updates.append(write, at: index, revision)
            case .absent(let epoch): inserts.append(write, at: index, epoch)
            }
        }
        var queries: [PostgresQuery] = [.begin]
        let members = writes.map(\.key.memberId) + deadLetters.compactMap(\.key?.memberId)
        if !members.isEmpty { queries.append(SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of(members)))) }
        let firstWritten = queries.count
        if !updates.writes.isEmpty {
            queries.append(SessionTable.update(SessionTable.parameters(of: updates.writes) + [.int8s(updates.conditions)]))
        }
        if !inserts.writes.isEmpty {
            let hashes = inserts.writes.map { StoredChunk.hash(of: $0.key.sessionId) }
            let parameters = SessionTable.parameters(of: inserts.writes) + [.int8s(inserts.conditions), .int4s(hashes)]
            // Of a session that is known from a later event on, nobody knows whether the first one was copied.
            let listed = shadowed.isEmpty ? [] : inserts.writes.filter { shadowed.contains($0.key.memberId) && $0.state.hasFirstEvent }
            queries.append(
                listed.isEmpty
                    ? SessionTable.insert(parameters)
                    : SessionTable.insertShadowed(
                        parameters + [.texts(listed.map(\.key.memberId.text)), .texts(listed.map(\.key.sessionId.text))]))
        }
        if keepsChanges, !writes.isEmpty {
            queries.append(ChangeOutbox.keepWritten(.texts(writes.map(\.key.memberId.text)), .texts(writes.map(\.key.sessionId.text))))
        }
        if !deadLetters.isEmpty { queries.append(DeadLetter.insert(deadLetters)) }
        queries.append(.commit)

        let results = try await connection.run(queries)
        guard results.count == queries.count else {
            throw PostgresError(.unexpectedResult, "\(results.count) results for \(queries.count) statements")
        }
        var revisions: [Int64?] = Array(repeating: nil, count: writes.count)
        if !updates.writes.isEmpty { try Self.note(results[firstWritten], of: updates, in: &revisions) }
        if !inserts.writes.isEmpty {
            try Self.note(results[firstWritten + (updates.writes.isEmpty ? 0 : 1)], of: inserts, in: &revisions)
        }
        return revisions
    }

    /// Writes of one kind, and their places among all.
    private struct Conditional<Condition> {
        var writes: [SessionWrite] = []
        var places: [Int] = []
        var conditions: [Condition] = []

        mutating func append(_ write: SessionWrite, at place: Int, _ condition: Condition) {
            writes.append(write)
            places.append(place)
            conditions.append(condition)
        }
    }

    /// Rows come back in the order in which they were sent. Should a plan ever return them in another, those that are not found count as
    /// lost, which costs a read and changes nothing.
    private static func note<Condition>(
        _ result: PostgresResult, of sent: Conditional<Condition>, in revisions: inout [Int64?]
    ) throws(PostgresError) {
        var next = 0
        for row in 0..<result.rowCount {
            while next < sent.writes.count, !isRow(result, row, of: sent.writes[next].key) { next += 1 }
            guard next < sent.writes.count else { return }
            revisions[sent.places[next]] = try PostgresResult.required(result.int8(row, 2), "revision")
            next += 1
        }
    }

    private static func isRow(_ result: PostgresResult, _ row: Int, of key: SessionKey) -> Bool {
        result.isText(row, 1, key.sessionId.text) && result.isText(row, 0, key.memberId.text)
    }
}
