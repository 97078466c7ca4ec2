import HistoryStore
import Models

/// A session as JSON. Optional values that are absent are left out.
struct SessionAnswer: Encodable {
    let sessionId: String
    let titleId: String
    let startedAt: String
    let lastWatchedAt: String
    let positionMs: Int64
    let runtimeMs: Int64?
    let watchedMs: Int64
    let completed: Bool
    let deviceId: String?
    let deviceType: String?
    let missingEvents: Int64
    /// Left out unless true.
    let approximate: Bool?
    let revision: Int64
    /// Lowest and highest `seq` of each run, for a single session only.
    let sequenceRuns: [[Int64]]?

    init(_ session: StoredSession, sequenceRuns: [ClosedRange<Int64>]? = nil) {
        let summary = session.summary
        sessionId = session.sessionId.text
        titleId = summary.titleId.text
        startedAt = RFC3339.format(summary.startedAt)
        lastWatchedAt = RFC3339.format(summary.lastWatchedAt)
        positionMs = summary.positionMs
        runtimeMs = summary.runtimeMs
        watchedMs = summary.watchedMs
        completed = summary.completed
        deviceId = summary.deviceId
        deviceType = summary.deviceType
        missingEvents = summary.missingEvents
        approximate = summary.approximate ? true : nil
        revision = session.revision
        self.sequenceRuns = sequenceRuns?.map { [$0.lowerBound, $0.upperBound] }
    }
}

/// A page of history.
struct HistoryAnswer: Encodable {
    let items: [SessionAnswer]
    let nextCursor: String?
}
