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
        let hidden = try await HiddenTitles(of: sessions.map(\.write), over: connection)
        return sessions.compactMap { session in
            let write = session.write
            guard !hidden.hides(write.key.memberId, write.summary) else { return nil }
            return HistoryChange(
                memberId: write.key.memberId, revision: session.revision, content: .session(write.key.sessionId, write.summary))
        }
    }
}

/// Until when titles of some sessions are hidden; of erased members everything is.
private struct HiddenTitles {
    private var until: [OpaqueID: [OpaqueID: Timestamp]] = [:]

    /// Reads what concerns these sessions, whatever else their members have hidden.
    init(of sessions: [SessionWrite], over connection: PostgresConnection) async throws(PostgresError) {
        var members: [String] = []
        var titles: [String] = []
        var previous: SessionWrite?
        // Most come in the order of their keys. Repetitions do no harm.
        for session in sessions {
            let isOfSameMember = previous?.key.memberId == session.key.memberId
            if !isOfSameMember {
                members.append(session.key.memberId.text)
                titles.append("")
            }
            if !isOfSameMember || previous?.summary.titleId != session.summary.titleId {
                members.append(session.key.memberId.text)
                titles.append(session.summary.titleId.text)
            }
            previous = session
        }
        let result = try await connection.run(Self.read(.texts(members), .texts(titles)))
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
            SELECT h.member_id, h.title_id, h.hidden_until
            FROM (SELECT unnest($1::text[]) AS member_id, unnest($2::text[]) AS title_id) AS u
            JOIN hidden_title h ON h.member_id = u.member_id AND h.title_id = u.title_id
            WHERE h.hidden_until IS NOT NULL
            UNION ALL
            SELECT u.member_id, '', 'infinity'
            FROM (SELECT unnest($1::text[]) AS member_id, unnest($2::text[]) AS title_id) AS u, LATERAL erasure_of(u.member_id)
            WHERE u.title_id = '' AND (SELECT EXISTS (SELECT FROM erased_member))
            """)
}
