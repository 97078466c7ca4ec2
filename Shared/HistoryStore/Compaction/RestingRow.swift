import Models
import Wire

/// A row of `playback_session` that may be compacted.
struct RestingRow: Sendable {
    /// Rows of one transaction.
    static let batch = 1000
    /// And their bytes.
    static let batchBytes: Int64 = 2 << 20

    var session: CompactedSession
    var bytes: Int64
    /// Whether it was not written for as long as was asked for.
    var isUnwritten: Bool

    /// - Parameter result: of ``read(of:_:keptSince:after:)``.
    init(_ result: PostgresResult, _ row: Int) throws(PostgresError) {
        let id = OpaqueID(try PostgresResult.required(result.text(row, 0), "session_id"))
        let revision = try PostgresResult.required(result.int8(row, 1), "revision")
        do {
            let state = try WireSessionState.decode(PostgresResult.required(result.bytes(row, 2), "state"))
            session = CompactedSession(sessionId: id, revision: revision, state: state)
        } catch {
            throw PostgresError(.unexpectedResult, "playback_session.state at revision \(revision): \(error)")
        }
        bytes = Int64(try PostgresResult.required(result.int4(row, 3), "bytes"))
        isUnwritten = result.bool(row, 4) == true
    }

    /// The next rows in the order of `startedAt` and id, locked. What is still to be announced from its row stays.
    static func read(
        of member: OpaqueID, _ due: MemberCompactor.Due, keptSince: Timestamp?, after place: (startedAt: Timestamp, sessionId: OpaqueID)
    ) -> PostgresQuery {
        let (unwritten, watchedBefore): (Int64, Timestamp) =
            switch due {
            case .unwritten(let duration): (Int64(duration / .milliseconds(1)), .max)
            case .endedBefore(let time): (0, time)
            }
        return read(
            .text(member.text), .timestamp(place.startedAt), .text(place.sessionId.text), .int8(unwritten), .timestamp(watchedBefore),
            .timestamp(keptSince ?? .min), .int4(Int32(batch)))
    }

    private static let read = PostgresStatement(
        name: "resting_read",
        sql: """
            SELECT s.session_id, s.revision, s.state, pg_column_size(s.*), \(isUnwritten)
            FROM playback_session s
            WHERE s.member_id = $1 AND (s.started_at, s.session_id) > ($2, $3)
              AND (\(isUnwritten) AND s.last_watched_at < $5 OR s.last_watched_at < $6)
              -- Not what a device dated ahead: whoever hides it must see until when.
              AND s.last_watched_at < clock_timestamp()
              AND NOT EXISTS (SELECT FROM change_outbox o WHERE o.member_id = $1 AND o.session_id = s.session_id)
              AND NOT EXISTS (SELECT FROM erasure e WHERE e.member_id = $1)
            ORDER BY s.started_at, s.session_id LIMIT $7 FOR UPDATE OF s
            """)
    private static let isUnwritten = "s.updated_at < clock_timestamp() - $4::bigint * interval '1 millisecond'"

    static let remove = PostgresStatement(
        name: "resting_remove", sql: "DELETE FROM playback_session WHERE member_id = $1 AND session_id = ANY($2::text[])")
}

/// The statement on `member_state` of who compacts, brings back or removes.
enum MemberEpoch {
    /// $2: when the latest session that is compacted now began, NULL where none is. A page of history that is later needs no chunk.
    static let raise = PostgresStatement(
        name: "member_epoch_raise",
        sql: """
            INSERT INTO member_state AS m (member_id, epoch, compacted_through) VALUES ($1, 1, $2)
            ON CONFLICT (member_id) DO UPDATE
            SET epoch = m.epoch + 1, compacted_through = greatest(m.compacted_through, excluded.compacted_through)
            """)
}
