/// The statements of ``HistoryReader``. $1 is the member.
enum HistorySQL {
    private static let columns = StoredSession.columns("s")
    private static let isVisible = VisibleSessions.condition("s", member: "$1")

    /// $3 and $4: the cursor. Its first half bounds the index scan; the sort by session id is within equal times only.
    private static func page(name: String, where condition: String) -> PostgresStatement {
        PostgresStatement(
            name: name,
            sql: """
                SELECT \(columns) FROM playback_session s
                WHERE s.member_id = $1 \(condition) AND s.started_at >= $5 AND s.started_at < $6
                  AND (s.started_at, s.session_id) < ($3, $4) AND \(isVisible)
                ORDER BY s.started_at DESC, s.session_id DESC LIMIT $2
                """)
    }

    static let page = page(name: "history_page", where: "")
    /// $7: the title.
    static let titlePage = page(name: "history_title_page", where: "AND s.title_id = $7")

    /// The greatest lastWatchedAt among the sessions with watch credit; if none has any, the latest.
    static let bookmarkOrder = "(s.watched_ms > 0) DESC, s.last_watched_at DESC, s.started_at DESC, s.session_id DESC"

    static let bookmark = PostgresStatement(
        name: "history_bookmark",
        sql: """
            SELECT \(columns) FROM playback_session s
            WHERE s.member_id = $1 AND s.title_id = $2 AND \(isVisible)
            ORDER BY \(bookmarkOrder) LIMIT 1
            """)

    static let continueWatching = PostgresStatement(
        name: "history_continue_watching",
        sql: """
            SELECT \(StoredSession.columns("b")) FROM (
                SELECT DISTINCT ON (s.title_id) \(columns) FROM playback_session s
                WHERE s.member_id = $1 AND \(isVisible)
                ORDER BY s.title_id, \(bookmarkOrder)
            ) b
            WHERE NOT b.completed AND NOT EXISTS (
                SELECT FROM hidden_title h
                WHERE h.member_id = $1 AND h.title_id = b.title_id AND h.row_hidden_until >= b.last_watched_at)
            ORDER BY b.last_watched_at DESC, b.started_at DESC, b.session_id DESC LIMIT $2
            """)

    /// $3: whether it is given even where it is hidden; where it is being erased it is not.
    static let session = PostgresStatement(
        name: "history_session",
        sql: """
            SELECT \(columns), s.state FROM playback_session s
            WHERE s.member_id = $1 AND s.session_id = $2 AND ($3 AND NOT EXISTS (SELECT FROM erasure e WHERE e.member_id = $1) OR \(isVisible))
            """)
    static let stateColumn = StoredSession.columnCount

    /// Not the key itself, which tells who was erased.
    static let secret = PostgresStatement(
        name: "history_secret", sql: "SELECT sha256(k.key || convert_to('secret', 'UTF8')) FROM tombstone_key k WHERE k.id")

    static let takenOut = PostgresStatement(
        name: "history_taken_out",
        sql: """
            SELECT title_id, hidden_until, NULL::bigint FROM hidden_title WHERE member_id = $1 AND hidden_until IS NOT NULL
            UNION ALL SELECT '', NULL, (SELECT last_value FROM session_revision) FROM erasure_of($1)
            """)
}
