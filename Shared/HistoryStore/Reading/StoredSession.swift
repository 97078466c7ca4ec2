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
    /// What ``init(_:row:)`` reads, in its order.
    static let columns = """
        session_id, title_id, started_at, last_watched_at, position_ms, runtime_ms, watched_ms, missing_events, completed, approximate,
        device_id, device_type, revision
        """

    init(_ result: PostgresResult, row: Int) throws(PostgresError) {
        sessionId = OpaqueID(try PostgresResult.required(result.text(row, 0), "session_id"))
        summary = SessionSummary(
            titleId: OpaqueID(try PostgresResult.required(result.text(row, 1), "title_id")),
            startedAt: try PostgresResult.required(result.timestamp(row, 2), "started_at"),
            lastWatchedAt: try PostgresResult.required(result.timestamp(row, 3), "last_watched_at"),
            positionMs: try PostgresResult.required(result.int8(row, 4), "position_ms"),
            runtimeMs: result.int8(row, 5),
            watchedMs: try PostgresResult.required(result.int8(row, 6), "watched_ms"),
            completed: try PostgresResult.required(result.bool(row, 8), "completed"),
            deviceId: result.text(row, 10),
            deviceType: result.text(row, 11),
            missingEvents: try PostgresResult.required(result.int8(row, 7), "missing_events"),
            approximate: try PostgresResult.required(result.bool(row, 9), "approximate"))
        revision = try PostgresResult.required(result.int8(row, 12), "revision")
    }
}
