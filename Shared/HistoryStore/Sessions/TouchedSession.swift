import Models

/// A session as a writer leaves it, to be announced.
struct TouchedSession: Sendable {
    /// What it wrote, or would have written again.
    let write: SessionWrite
    let revision: Int64

    init(_ write: SessionWrite, revision: Int64) {
        self.write = write
        self.revision = revision
    }

    /// One that needed no write.
    init(key: SessionKey, _ row: KnownSession.Row) {
        self.init(SessionWrite(key: key, state: row.state, condition: .revision(row.revision)), revision: row.revision)
    }
}

extension GuardedWrite {
    /// What of these sessions the history shows. Read after they were committed: what is hidden later is announced by whoever hides it.
    func visible(_ sessions: [TouchedSession]) async throws(PostgresError) -> [HistoryChange] {
        guard !sessions.isEmpty else { return [] }
        var members: [OpaqueID] = []
        // Most come in the order of their keys.
        for session in sessions where session.write.key.memberId != members.last { members.append(session.write.key.memberId) }
        let hidden = try await HiddenTitles(of: members, over: connection)
        return sessions.compactMap { session in
            let write = session.write
            guard !hidden.hides(write.key.memberId, write.summary) else { return nil }
            return HistoryChange(
                memberId: write.key.memberId, revision: session.revision, content: .session(write.key.sessionId, write.summary))
        }
    }
}

/// Until when titles of some members are hidden; of erased ones everything is.
private struct HiddenTitles {
    private var until: [OpaqueID: [OpaqueID: Timestamp]] = [:]

    /// - Parameter members: repetitions do no harm.
    init(of members: [OpaqueID], over connection: PostgresConnection) async throws(PostgresError) {
        let result = try await connection.run(Self.read(.texts(members.map(\.text))))
        for row in 0..<result.rowCount {
            let member = OpaqueID(try PostgresResult.required(result.text(row, 0), "member_id"))
            until[member, default: [:]][OpaqueID(try PostgresResult.required(result.text(row, 1), "title_id"))] = result.timestamp(row, 2)
        }
    }

    func hides(_ member: OpaqueID, _ session: SessionSummary) -> Bool {
        guard let titles = until[member] else { return false }
        return [titles[""], titles[session.titleId]].contains { $0.map { session.lastWatchedAt <= $0 } == true }
    }

    private static let read = PostgresStatement(
        name: "hidden_title_read",
        sql: """
            SELECT member_id, title_id, hidden_until FROM hidden_title WHERE member_id = ANY($1::text[]) AND hidden_until IS NOT NULL
            UNION ALL
            SELECT u.member_id, '', 'infinity' FROM unnest($1::text[]) AS u(member_id), LATERAL erasure_of(u.member_id)
            WHERE EXISTS (SELECT FROM erased_member)
            """)
}
