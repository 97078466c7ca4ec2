import Models
import Wire

/// The statements on `playback_session` that a writer needs, and the translation between rows and values.
enum SessionTable {
    /// Row and epoch in one statement, so in one snapshot; and the chunks that may have a session that is no row.
    static let load = PostgresStatement(
        name: "session_load",
        sql: """
            SELECT k.ordinal, s.revision, s.state, coalesce(m.epoch, 0), e.epoch IS NOT NULL, m.readmitted_at, c.ids
            FROM unnest($1::text[], $2::text[], $3::int4[]) WITH ORDINALITY AS k(member_id, session_id, hash, ordinal)
            LEFT JOIN playback_session s ON s.member_id = k.member_id AND s.session_id = k.session_id
            LEFT JOIN member_state m ON m.member_id = k.member_id
            LEFT JOIN LATERAL erasure_of(k.member_id) e ON true
            LEFT JOIN LATERAL (
                SELECT string_agg(c.id::text, ',') AS ids FROM history_chunk c
                WHERE s.session_id IS NULL AND m.compacted_through IS NOT NULL
                  AND c.member_id = k.member_id AND k.hash = ANY(c.session_hashes)) c ON true
            """)

    static let lockShared = PostgresStatement(
        name: "session_lock_shared",
        sql: "SELECT pg_advisory_xact_lock_shared(\(LockBuckets.spaceSQL), bucket) FROM unnest($2::int4[]) AS bucket")

    /// Fails where somebody holds what a writer of session rows needs, instead of waiting. In one transaction, which ends at once:
    /// the tables, $1 and $2 the buckets as of `lockShared`, $1 and $2 the keys of rows.
    static let lockTablesAtOnce = PostgresStatement(
        name: "session_lock_tables_at_once", sql: "LOCK TABLE playback_session, member_state, dead_letter IN ROW EXCLUSIVE MODE NOWAIT")
    static let lockBucketsAtOnce = PostgresStatement(
        name: "session_lock_buckets_at_once",
        sql: "SELECT bool_and(pg_try_advisory_xact_lock_shared(\(LockBuckets.spaceSQL), bucket)) FROM unnest($2::int4[]) AS bucket")
    static let lockRowsAtOnce = PostgresStatement(
        name: "session_lock_rows_at_once",
        sql: """
            SELECT FROM playback_session s WHERE (s.member_id, s.session_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
            FOR NO KEY UPDATE NOWAIT
            """)

    /// Columns with the type of their array parameters, $3 and on.
    private static let columns = [
        ("title_id", "text"), ("started_at", "timestamptz"), ("last_watched_at", "timestamptz"), ("position_ms", "int8"),
        ("runtime_ms", "int8"), ("watched_ms", "int8"), ("missing_events", "int8"), ("completed", "bool"), ("approximate", "bool"),
        ("device_id", "text"), ("device_type", "text"), ("state", "bytea"),
    ]
    private static let names = columns.map(\.0).joined(separator: ", ")
    private static let values = columns.map { "u.\($0.0)" }.joined(separator: ", ")

    /// The parameters as rows. In the SELECT list, where PostgreSQL reads the arrays side by side; in FROM it would first store all of their
    /// rows, which costs a fifth of an insert.
    /// - Parameter more: names and types of $15 and on.
    private static func rows(_ more: (String, String)...) -> String {
        let all = [("member_id", "text"), ("session_id", "text")] + columns + more
        let arrays = all.enumerated().map { "unnest($\($0 + 1)::\($1.1)[]) AS \($1.0)" }.joined(separator: ", ")
        return "(SELECT \(arrays)) AS u"
    }

    /// $15: the revision that each row must still have.
    static let update = PostgresStatement(
        name: "session_update",
        sql: """
            UPDATE playback_session s
            SET (\(names)) = ROW (\(values)), revision = nextval('session_revision'), updated_at = clock_timestamp()
            FROM \(rows(("expected_revision", "int8")))
            WHERE s.member_id = u.member_id AND s.session_id = u.session_id AND s.revision = u.expected_revision
            RETURNING s.member_id, s.session_id, s.revision
            """)

    /// $15: the epoch that was read, NULL where it was not; $16: the hash of the session's id. A session that may be compacted is not taken for new.
    static let insert = PostgresStatement(name: "session_insert", sql: insertSQL)
    private static let insertSQL = """
        INSERT INTO playback_session (member_id, session_id, \(names), revision, updated_at)
        SELECT u.member_id, u.session_id, \(values), nextval('session_revision'), clock_timestamp()
        FROM \(rows(("epoch", "int8"), ("hash", "int4")))
        LEFT JOIN member_state m ON m.member_id = u.member_id
        LEFT JOIN LATERAL erasure_of(u.member_id) e ON true
        WHERE e.epoch IS NULL
          AND CASE WHEN u.epoch IS NULL
                   THEN m.readmitted_at IS NULL AND (m.compacted_through IS NULL OR NOT EXISTS (
                       SELECT FROM history_chunk c WHERE c.member_id = u.member_id AND u.hash = ANY(c.session_hashes)))
                   ELSE u.epoch = coalesce(m.epoch, 0) END
        ON CONFLICT (member_id, session_id) DO NOTHING
        RETURNING member_id, session_id, revision
        """

    /// The same, and it lists those that the shadow must have too: $17 and $18 their keys, as far as they are inserted.
    static let insertShadowed = PostgresStatement(
        name: "session_insert_shadowed",
        sql: """
            WITH written AS (\(insertSQL)),
            listed AS (
                INSERT INTO shadowed_session AS s (member_id, session_id, began_at)
                SELECT w.member_id, w.session_id, clock_timestamp()
                FROM written w JOIN (SELECT unnest($17::text[]) AS member_id, unnest($18::text[]) AS session_id) AS k
                    ON k.member_id = w.member_id AND k.session_id = w.session_id
                ON CONFLICT (member_id, session_id) DO UPDATE SET began_at = excluded.began_at WHERE s.began_at = 'infinity')
            SELECT member_id, session_id, revision FROM written
            """)

    /// For who has the lock of the members alone, and knows that the rows are not there.
    static let insertAlone = PostgresStatement(
        name: "session_insert_alone",
        sql: """
            INSERT INTO playback_session (member_id, session_id, \(names), revision, updated_at)
            SELECT u.member_id, u.session_id, \(values), nextval('session_revision'), clock_timestamp() FROM \(rows())
            """)

    /// $1 to $14 of `update` and `insert`, all filled in one pass.
    static func parameters(of writes: [SessionWrite]) -> [PostgresValue] {
        func array(_ element: PostgresArray.Element) -> PostgresArray { PostgresArray(of: element, capacity: writes.count) }
        var (members, sessions, titles, deviceIds, deviceTypes) = (array(.text), array(.text), array(.text), array(.text), array(.text))
        var (starts, lastWatched) = (array(.timestamp), array(.timestamp))
        var (positions, runtimes, watched, missing) = (array(.int8), array(.int8), array(.int8), array(.int8))
        var (completed, approximate, states) = (array(.bool), array(.bool), array(.bytes))
        for write in writes {
            let summary = write.summary
            members.append(write.key.memberId.text)
            sessions.append(write.key.sessionId.text)
            titles.append(summary.titleId.text)
            starts.append(time: summary.startedAt)
            lastWatched.append(time: summary.lastWatchedAt)
            positions.append(summary.positionMs)
            runtimes.append(summary.runtimeMs)
            watched.append(summary.watchedMs)
            missing.append(summary.missingEvents)
            completed.append(summary.completed)
            approximate.append(summary.approximate)
            deviceIds.append(summary.deviceId)
            deviceTypes.append(summary.deviceType)
            states.append(WireSessionState.encode(write.state))
        }
        return [
            members, sessions, titles, starts, lastWatched, positions, runtimes, watched, missing, completed, approximate, deviceIds,
            deviceTypes, states,
        ].map(\.value)
    }
}
