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
        "session_id", "title_id", "started_at", "last_watched_at", "position_ms", "runtime_ms", "watched_ms", "missing_events", "completed",
        "approximate", "device_id", "device_type", "revision",
    ]

    /// - Parameter table: the name of the row of `playback_session`.
    static func columns(_ table: String) -> String {
        names.map { "\(table).\($0)" }.joined(separator: ", ")
    }

    static var columnCount: Int { names.count }

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
