import Models

/// The statements of ``HistoryReader``. $1 is the member.
///
/// What is live and what is compacted is read by one statement where that is cheap, so in one snapshot: a session is in one of them. A page of
/// history takes two, and the member's epoch tells whether they saw the same: most pages need nothing that is compacted.
enum HistorySQL {
    private static let isVisible = VisibleSessions.condition("s", member: "$1")
    private static let hidesSome = "EXISTS (SELECT FROM hidden_title h WHERE h.member_id = $1)"

    /// Always a row: the first columns are NULL where there is no session, and what follows them is told all the same.
    ///
    /// $3 and $4: the cursor. Its first half bounds the index scan; the sort by session id is within equal times only.
    private static func page(name: String, where condition: String) -> PostgresStatement {
        PostgresStatement(
            name: name,
            sql: """
                SELECT \(StoredSession.columns("s")), m.epoch, m.compacted_through
                FROM (VALUES (1)) AS one LEFT JOIN member_state m ON m.member_id = $1 LEFT JOIN LATERAL (
                    SELECT \(StoredSession.columns("s")) FROM playback_session s
                    WHERE s.member_id = $1 \(condition) AND s.started_at >= $5 AND s.started_at < $6
                      AND (s.started_at, s.session_id) < ($3, $4) AND \(isVisible)
                    ORDER BY s.started_at DESC, s.session_id DESC LIMIT $2) s ON true
                """)
    }

    static let page = page(name: "history_page", where: "")
    /// $7: the title.
    static let titlePage = page(name: "history_title_page", where: "AND s.title_id = $7")

    /// Always a row, as above: the epoch, whether anything is hidden, and up to $2 chunks before chunk $4 of newest $3, which may have sessions
    /// of $5 ≤ startedAt, $6 and before.
    static let chunks = PostgresStatement(
        name: "history_chunks",
        sql: """
            SELECT m.epoch, \(hidesSome), \(StoredChunk.columns("c"))
            FROM (VALUES (1)) AS one LEFT JOIN member_state m ON m.member_id = $1 LEFT JOIN LATERAL (
                SELECT \(StoredChunk.columns("c")) FROM history_chunk c
                WHERE c.member_id = $1 AND (c.newest, c.id) < ($3, $4) AND c.newest >= $5 AND c.oldest <= $6
                  AND c.last_watched_at > coalesce(
                      (SELECT h.hidden_until FROM hidden_title h WHERE h.member_id = $1 AND h.title_id = ''), '-infinity')
                ORDER BY c.newest DESC, c.id DESC LIMIT $2) c ON true
            """)

    /// The epoch, and the page with the bookmark of title $2 if any of its sessions is compacted.
    static let compactedTitle = PostgresStatement(
        name: "history_compacted_title",
        sql: """
            SELECT m.epoch, b.data FROM (VALUES (1)) AS one LEFT JOIN member_state m ON m.member_id = $1
            LEFT JOIN LATERAL (SELECT b.data \(bookmarkPage)) b ON true
            """)

    /// The greatest lastWatchedAt among the sessions with watch credit; if none has any, the latest.
    static let bookmarkOrder = "(s.watched_ms > 0) DESC, s.last_watched_at DESC, s.started_at DESC, s.session_id DESC"
    private static let hiddenUntil = "SELECT max(h.hidden_until) FROM hidden_title h WHERE h.member_id = $1 AND h.title_id IN ($2, '')"
    private static let bookmarkPage =
        "FROM title_bookmark b WHERE b.member_id = $1 AND b.first_title <= $2 ORDER BY b.first_title DESC LIMIT 1"
    private static let liveBookmark = """
        FROM playback_session s WHERE s.member_id = $1 AND s.title_id = $2 AND \(isVisible) ORDER BY \(bookmarkOrder) LIMIT 1
        """

    /// The title's live bookmark with the page of its compacted sessions; no row where there is no live one.
    static let bookmark = PostgresStatement(
        name: "history_bookmark",
        sql: "SELECT \(StoredSession.columns("s")), (SELECT b.data \(bookmarkPage)) \(liveBookmark)")

    /// The same, always with a row, and until when compacted sessions are hidden. It costs a quarter more.
    static let compactedBookmark = PostgresStatement(
        name: "history_compacted_bookmark",
        sql: """
            SELECT \(StoredSession.columns("s")), p.data, p.hidden_until
            FROM (VALUES (1)) AS one
            LEFT JOIN LATERAL (SELECT b.data, (\(hiddenUntil)) AS hidden_until \(bookmarkPage)) p ON true
            LEFT JOIN LATERAL (SELECT \(StoredSession.columns("s")) \(liveBookmark)) s ON true
            """)

    static let titleHiddenUntil = PostgresStatement(name: "history_hidden_until", sql: hiddenUntil)

    /// The bookmarks of live sessions, the pages of the others', and what is hidden: columns of ``HistoryRow``.
    static let continueWatching = PostgresStatement(
        name: "history_continue_watching",
        sql: """
            (SELECT DISTINCT ON (s.title_id) \(HistoryRow.session("s")) FROM playback_session s
             WHERE s.member_id = $1 AND \(isVisible)
             ORDER BY s.title_id, \(bookmarkOrder))
            UNION ALL
            (SELECT \(HistoryRow.page("p")) FROM title_bookmark p WHERE p.member_id = $1)
            UNION ALL
            (SELECT \(HistoryRow.hidden("h")) FROM hidden_title h WHERE h.member_id = $1)
            """)

    static let hidden = PostgresStatement(
        name: "history_hidden", sql: "SELECT \(HistoryRow.hidden("h")) FROM hidden_title h WHERE h.member_id = $1")

    /// The row, and else the chunks that may have the session. $3: whether it is given even where it is hidden; where it is being erased it is
    /// not. $4: the hash of its id.
    static let session = PostgresStatement(
        name: "history_session",
        sql: """
            SELECT \(StoredSession.columns("s")), s.state, \(hidesSome), \(StoredChunk.columns("c"))
            FROM (VALUES (1)) AS one
            LEFT JOIN playback_session s ON s.member_id = $1 AND s.session_id = $2
            LEFT JOIN history_chunk c ON s.session_id IS NULL AND c.member_id = $1 AND $4 = ANY(c.session_hashes)
            WHERE NOT EXISTS (SELECT FROM erasure e WHERE e.member_id = $1)
              AND (s.session_id IS NULL OR $3 OR \(isVisible))
            """)

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
