import Models
import Wire

/// A session as readers see it.
public struct StoredSession: Sendable, Hashable {
    public var sessionId: OpaqueID
    public var summary: SessionSummary
    /// Rises with every change of the session.
    public var revision: Int64
}

extension StoredSession {
    /// What ``init(_:row:from:)`` reads, in its order.
    private static let names = [
        ("session_id", "text"), ("title_id", "text"), ("started_at", "timestamptz"), ("last_watched_at", "timestamptz"),
        ("position_ms", "bigint"),
        ("runtime_ms", "bigint"), ("watched_ms", "bigint"), ("missing_events", "bigint"), ("completed", "boolean"),
        ("approximate", "boolean"),
        ("device_id", "text"), ("device_type", "text"), ("revision", "bigint"),
    ]

    /// - Parameter table: the name of the row of `playback_session`.
    static func columns(_ table: String) -> String {
        names.map { "\(table).\($0.0)" }.joined(separator: ", ")
    }

    /// As many NULLs of the same types.
    static let noColumns = names.map { "NULL::\($0.1)" }.joined(separator: ", ")

    static var columnCount: Int { names.count }

    /// Rows without a session are left out.
    static func all(_ result: PostgresResult) throws(PostgresError) -> [StoredSession] {
        var sessions: [StoredSession] = []
        sessions.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount where !result.isNull(row, 0) { sessions.append(try StoredSession(result, row: row)) }
        return sessions
    }

    init(_ session: CompactedSession) {
        self.init(sessionId: session.sessionId, summary: session.summary, revision: session.revision)
    }

    /// - Parameter column: the first of ``columns(_:)``.
    init(_ result: PostgresResult, row: Int, from column: Int = 0) throws(PostgresError) {
        sessionId = OpaqueID(try PostgresResult.required(result.text(row, column), "session_id"))
        summary = SessionSummary(
            titleId: OpaqueID(try PostgresResult.required(result.text(row, column + 1), "title_id")),
            startedAt: try PostgresResult.required(result.timestamp(row, column + 2), "started_at"),
            lastWatchedAt: try PostgresResult.required(result.timestamp(row, column + 3), "last_watched_at"),
            positionMs: try PostgresResult.required(result.int8(row, column + 4), "position_ms"),
            runtimeMs: result.int8(row, column + 5),
            watchedMs: try PostgresResult.required(result.int8(row, column + 6), "watched_ms"),
            completed: try PostgresResult.required(result.bool(row, column + 8), "completed"),
            deviceId: result.text(row, column + 10),
            deviceType: result.text(row, column + 11),
            missingEvents: try PostgresResult.required(result.int8(row, column + 7), "missing_events"),
            approximate: try PostgresResult.required(result.bool(row, column + 9), "approximate"))
        revision = try PostgresResult.required(result.int8(row, column + 12), "revision")
    }
}
