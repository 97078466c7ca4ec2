import Models
import Wire

/// A row of `history_chunk`.
struct StoredChunk: Sendable {
    var id: Int64
    var oldest: Timestamp
    var newest: Timestamp
    /// In the order of history; not all of them where not all were wanted.
    var sessions: [CompactedSession]
    /// Of `data`.
    var byteCount: Int

    static func columns(_ table: String) -> String {
        ["id", "oldest", "newest", "data"].map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// - Parameter column: the first of ``columns(_:)``.
    init(_ result: PostgresResult, row: Int, from column: Int = 0, _ wanted: ChunkSelection = .all) throws(PostgresError) {
        id = try PostgresResult.required(result.int8(row, column), "id")
        oldest = try PostgresResult.required(result.timestamp(row, column + 1), "oldest")
        newest = try PostgresResult.required(result.timestamp(row, column + 2), "newest")
        let data = try PostgresResult.required(result.bytes(row, column + 3), "data")
        byteCount = data.count
        do {
            sessions = try WireHistoryChunk.decode(data, wanted)
        } catch {
            throw PostgresError(.unexpectedResult, "history_chunk \(id): \(error)")
        }
    }

    /// Rows without a chunk are left out.
    /// - Parameter column: as above.
    static func all(_ result: PostgresResult, from column: Int = 0, _ wanted: ChunkSelection = .all) throws(PostgresError) -> [StoredChunk]
    {
        var chunks: [StoredChunk] = []
        for row in 0..<result.rowCount where result.int8(row, column) != nil {
            chunks.append(try StoredChunk(result, row: row, from: column, wanted))
        }
        return chunks
    }

    /// What finds the chunks that a session may be in.
    static func hash(of session: OpaqueID) -> Int32 {
        Int32(truncatingIfNeeded: StableHash.fnv1a(purpose: "session", session.text))
    }
}
