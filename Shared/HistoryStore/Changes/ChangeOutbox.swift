import Models

/// Changes that were committed and are still to be announced.
public struct ChangeOutbox: Sendable {
    /// Of one announcement.
    private static let batch: Int32 = 500

    private let connection: PostgresConnection

    /// - Parameter connection: for this outbox alone, as a transaction is open on it while changes are announced.
    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// Keeps changes of sessions for later, where the feed does not take them.
    /// - Throws: ``PostgresError``
    public func keep(_ changes: [HistoryChange]) async throws(PostgresError) {
        var sessions: [(member: OpaqueID, session: OpaqueID, revision: Int64)] = []
        for change in changes {
            if case .session(let session, _) = change.content { sessions.append((change.memberId, session, change.revision)) }
        }
        // Under the members' locks, so that nothing is kept of one who is erased meanwhile.
        _ = try await connection.run([
            .begin, SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of(sessions.map(\.member)))),
            Self.keep(.texts(sessions.map(\.member.text)), .texts(sessions.map(\.session.text)), .int8s(sessions.map(\.revision))),
            .commit,
        ])
    }

    /// Announces the oldest changes and removes them once that is done; should it break off between, they are announced again.
    /// - Returns: how many were taken.
    /// - Throws: ``PostgresError``, or what `announce` throws.
    public func drain(_ announce: ([HistoryChange]) async throws -> Void) async throws -> Int {
        // Several may drain: each takes rows that no other holds.
        let taken = try await connection.run([.begin, Self.take(.int4(Self.batch))])[1]
        do {
            var changes: [HistoryChange] = []
            for row in 0..<taken.rowCount { if let change = try Self.change(taken, row) { changes.append(change) } }
            if !changes.isEmpty { try await announce(changes) }
            _ = try await connection.run(PostgresQuery.commit)
            return taken.rowCount
        } catch {
            _ = try? await connection.run(PostgresQuery.rollback)
            throw error
        }
    }

    /// nil for a session that is gone or hidden by now.
    private static func change(_ row: PostgresResult, _ index: Int) throws(PostgresError) -> HistoryChange? {
        let member = OpaqueID(try PostgresResult.required(row.text(index, 0), "member_id"))
        let kind = try PostgresResult.required(row.text(index, 1), "kind")
        let title = row.text(index, 2).map { OpaqueID($0) }
        var revision = try PostgresResult.required(row.int8(index, 4), "revision")
        let content: HistoryChange.Content
        switch (kind, title, row.timestamp(index, 3)) {
        case ("hidden", let title, let until?): content = .hidden(title: title, until: until)
        case ("row_hidden", let title?, let until?): content = .rowHidden(title: title, until: until)
        case ("erased", _, _): content = .erased
        case ("session", _, _):
            guard !row.isNull(index, 5) else { return nil }
            let session = try StoredSession(row, row: index, from: 5)
            revision = session.revision
            content = .session(session.sessionId, session.summary)
        default: throw PostgresError(.unexpectedResult, "change_outbox has a row of kind '\(kind)' that does not fit")
        }
        return HistoryChange(memberId: member, revision: revision, content: content)
    }

    private static let keep = PostgresStatement(
        name: "change_outbox_keep",
        sql: """
            INSERT INTO change_outbox (kind, member_id, session_id, revision)
            SELECT 'session', u.* FROM unnest($1::text[], $2::text[], $3::int8[]) AS u(member_id, session_id, revision)
            WHERE NOT EXISTS (SELECT FROM erasure_of(u.member_id))
            """)
    /// The same of rows that the transaction has written, as they are by then.
    static let keepWritten = PostgresStatement(
        name: "change_outbox_keep_written",
        sql: """
            INSERT INTO change_outbox (kind, member_id, session_id, revision)
            SELECT 'session', s.member_id, s.session_id, s.revision
            FROM unnest($1::text[], $2::text[]) AS u(member_id, session_id)
            JOIN playback_session s ON s.member_id = u.member_id AND s.session_id = u.session_id
            """)
    private static let take = PostgresStatement(
        name: "change_outbox_take",
        sql: """
            WITH taken AS (
                DELETE FROM change_outbox
                -- A kind of a later version waits for a relay of that.
                WHERE id IN (
                    SELECT id FROM change_outbox WHERE kind IN ('session', 'hidden', 'row_hidden', 'erased')
                    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
                RETURNING id, member_id, kind, title_id, session_id, hidden_until, revision)
            SELECT o.member_id, o.kind, o.title_id, o.hidden_until, o.revision, \(StoredSession.columns("s"))
            FROM taken o
            LEFT JOIN playback_session s ON s.member_id = o.member_id AND s.session_id = o.session_id AND \(VisibleSessions.condition("s", member: "o.member_id"))
            ORDER BY o.id
            """)
}
