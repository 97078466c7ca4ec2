import HistoryStore
import Models

/// Where a title was left off.
struct BookmarkAnswer: Encodable {
    let titleId: String
    let positionMs: Int64
    /// Where to start playing: 0 for a title watched to its end.
    let resumePositionMs: Int64
    let runtimeMs: Int64?
    let completed: Bool
    let lastWatchedAt: String
    let sessionId: String

    init(_ session: StoredSession) {
        titleId = session.summary.titleId.text
        positionMs = session.summary.positionMs
        resumePositionMs = session.summary.completed ? 0 : session.summary.positionMs
        runtimeMs = session.summary.runtimeMs
        completed = session.summary.completed
        lastWatchedAt = RFC3339.format(session.summary.lastWatchedAt)
        sessionId = session.sessionId.text
    }
}

/// A row of continue-watching.
struct ContinueWatchingItem: Encodable {
    let titleId: String
    let positionMs: Int64
    let runtimeMs: Int64?
    /// From 0 to 1; left out where the runtime is not known.
    let progress: Double?
    let lastWatchedAt: String
    let sessionId: String

    init(_ session: StoredSession) {
        titleId = session.summary.titleId.text
        positionMs = session.summary.positionMs
        runtimeMs = session.summary.runtimeMs
        progress = session.summary.runtimeMs.map { min(Double(session.summary.positionMs) / Double($0), 1) }
        lastWatchedAt = RFC3339.format(session.summary.lastWatchedAt)
        sessionId = session.sessionId.text
    }
}

/// The rows of continue-watching.
struct ContinueWatchingAnswer: Encodable {
    let items: [ContinueWatchingItem]
}
