import Models

/// A session as a writer leaves it, to be announced.
struct TouchedSession: Sendable {
    let key: SessionKey
    let summary: SessionSummary
    let revision: Int64

    init(key: SessionKey, summary: SessionSummary, revision: Int64) {
        self.key = key
        self.summary = summary
        self.revision = revision
    }

    init(key: SessionKey, _ row: KnownSession.Row) {
        self.init(key: key, summary: row.state.summary, revision: row.revision)
    }
}

extension GuardedWrite {
    /// What of these sessions the history shows. Read after they were committed: what is hidden later is announced by whoever hides it.
    func visible(_ sessions: [TouchedSession]) async throws(PostgresError) -> [HistoryChange] {
        guard !sessions.isEmpty else { return [] }
        let hidden = try await HiddenTitles(of: Set(sessions.map(\.key.memberId)), over: connection)
        return sessions.compactMap { session in
            guard !hidden.hides(session.key.memberId, session.summary) else { return nil }
            return HistoryChange(
                memberId: session.key.memberId, revision: session.revision, content: .session(session.key.sessionId, session.summary))
        }
    }
}

/// Until when titles of some members are hidden; of erased ones everything is.
private struct HiddenTitles {
    private var until: [OpaqueID: [OpaqueID: Timestamp]] = [:]

    init(of members: Set<OpaqueID>, over connection: PostgresConnection) async throws(PostgresError) {
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
