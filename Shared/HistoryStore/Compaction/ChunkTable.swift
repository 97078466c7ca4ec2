import Models

/// The statements on `history_chunk`. $1 is the member.
enum ChunkTable {
    private static let columns = StoredChunk.columns("c")

    /// The chunk that a session of time $2 belongs into, which is the first one that ends then or later; else the last.
    static let slot = PostgresStatement(
        name: "chunk_slot",
        sql: """
            SELECT * FROM (
                (SELECT 0 AS place, \(columns) FROM history_chunk c WHERE c.member_id = $1 AND c.newest >= $2
                 ORDER BY c.newest, c.oldest, c.id LIMIT 1)
                UNION ALL
                (SELECT 1, \(columns) FROM history_chunk c WHERE c.member_id = $1 AND c.newest < $2 ORDER BY c.newest DESC, c.id DESC LIMIT 1)
            ) found ORDER BY place LIMIT 1
            """)

    /// Those that have one of some sessions: $2, their hashes. None where the member is erased, whose chunks are on their way out.
    static let holding = PostgresStatement(
        name: "chunk_holding",
        sql: """
            SELECT \(columns) FROM history_chunk c
            WHERE c.member_id = $1 AND c.session_hashes && $2::int4[] AND NOT EXISTS (SELECT FROM erasure_of($1))
            """)

    static let remove = PostgresStatement(
        name: "chunk_remove", sql: "DELETE FROM history_chunk WHERE member_id = $1 AND id = ANY($2::int8[])")

    private static let insert = PostgresStatement(
        name: "chunk_insert",
        sql: """
            INSERT INTO history_chunk (member_id, oldest, newest, last_watched_at, ended_at, sessions, session_hashes, data)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """)

    static func insert(_ piece: ChunkPieces.Piece, of member: OpaqueID) -> PostgresQuery {
        let sessions = piece.sessions
        return insert(
            .text(member.text), .timestamp(sessions[sessions.count - 1].summary.startedAt), .timestamp(sessions[0].summary.startedAt),
            .timestamp(sessions.map(\.summary.lastWatchedAt).max()), .timestamp(sessions.map(\.state.endedAt).max()),
            .int4(Int32(sessions.count)), .int4s(sessions.map { StoredChunk.hash(of: $0.sessionId) }), .bytes(piece.bytes))
    }
}
