import Models
import Wire

/// Where a session may be that is no row.
struct CompactedPlace: Sendable {
    /// Among the sessions that are loaded.
    var index: Int
    var key: SessionKey
    /// The id of a chunk that has a session with the same hash.
    var chunk: Int64
}

extension GuardedWrite {
    /// Chunks that are read at once.
    private static let portion = 64

    /// Reads compacted sessions from their chunks.
    /// - Returns: false where a chunk is gone.
    func loadCompacted(_ places: [CompactedPlace], _ known: inout [KnownSession]) async throws(PostgresError) -> Bool {
        let chunks = Dictionary(grouping: places, by: \.chunk).sorted { $0.key < $1.key }
        for start in stride(from: 0, to: chunks.count, by: Self.portion) {
            let part = chunks[start..<min(start + Self.portion, chunks.count)]
            let result = try await connection.run(
                Self.read(.texts(part.map { $0.value[0].key.memberId.text }), .int8s(part.map(\.key))))
            guard result.rowCount == part.count else { return false }
            for row in 0..<result.rowCount {
                let id = try PostgresResult.required(result.int8(row, 0), "id")
                let looked = part.first { $0.key == id }?.value ?? []
                let wanted = ChunkSelection(ids: Set(looked.map(\.key.sessionId)))
                for session in try StoredChunk(result, row: row, wanted).sessions {
                    // Another session may have the same hash.
                    for place in looked where place.key.sessionId == session.sessionId {
                        known[place.index].row = .init(
                            state: session.state, revision: session.revision, takenFrom: known[place.index].takenFrom)
                        known[place.index].isCompacted = true
                    }
                }
            }
        }
        return true
    }

    private static let read = PostgresStatement(
        name: "session_load_compacted",
        sql: """
            SELECT \(StoredChunk.columns("c")) FROM (SELECT unnest($1::text[]) AS member_id, unnest($2::int8[]) AS id) AS u
            JOIN history_chunk c ON c.member_id = u.member_id AND c.id = u.id
            """)
}
