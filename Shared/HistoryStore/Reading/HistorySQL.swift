/// The statements of ``HistoryReader``.
enum HistorySQL {
    /// $5 and $6: the cursor. Its first half bounds the index scan; the sort by session id is within equal times only.
    static let page = PostgresStatement(
        name: "history_page",
        sql: """
            SELECT \(StoredSession.columns) FROM playback_session
            WHERE member_id = $1 AND ($2::text IS NULL OR title_id = $2) AND started_at >= $3 AND started_at < $4
              AND (started_at, session_id) < ($5, $6)
            ORDER BY started_at DESC, session_id DESC LIMIT $7
            """)

    /// The greatest lastWatchedAt among the sessions with watch credit; if none has any, the latest.
    private static let bookmarkOrder = "(watched_ms > 0) DESC, last_watched_at DESC, started_at DESC, session_id DESC"

    static let bookmark = PostgresStatement(
        name: "history_bookmark",
        sql: """
            SELECT \(StoredSession.columns) FROM playback_session
            WHERE member_id = $1 AND title_id = $2
            ORDER BY \(bookmarkOrder) LIMIT 1
            """)

    static let continueWatching = PostgresStatement(
        name: "history_continue_watching",
        sql: """
            SELECT * FROM (
                SELECT DISTINCT ON (title_id) \(StoredSession.columns) FROM playback_session
                WHERE member_id = $1
                ORDER BY title_id, \(bookmarkOrder)
            ) bookmark
            WHERE NOT completed
            ORDER BY last_watched_at DESC, started_at DESC, session_id DESC LIMIT $2
            """)

    static let session = PostgresStatement(
        name: "history_session",
        sql: "SELECT \(StoredSession.columns), state FROM playback_session WHERE member_id = $1 AND session_id = $2")
    static let stateColumn = 13
}
