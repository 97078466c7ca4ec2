import Models
import Oracle

/// What members are shown of a session. As JSON, times are milliseconds since 1970, and optional values that are absent are left out.
struct SessionView: Codable, Sendable, Hashable {
    var titleId: String
    var startedAt: Timestamp
    var lastWatchedAt: Timestamp
    var positionMs: Int64
    var runtimeMs: Int64?
    var watchedMs: Int64
    var completed: Bool
    var deviceId: String?
    var deviceType: String?
    var missingEvents: Int64
    var approximate: Bool
    /// Lowest and highest `seq` of each.
    var sequenceRuns: [[Int64]]
}

extension SessionView {
    /// What must be shown of these events, at least one, by the slow reference.
    init(of events: [PlaybackEvent]) {
        let reference = SlowReference(events)
        let summary = reference.summary
        self.init(
            titleId: summary.titleId.text, startedAt: summary.startedAt, lastWatchedAt: summary.lastWatchedAt,
            positionMs: summary.positionMs, runtimeMs: summary.runtimeMs, watchedMs: summary.watchedMs, completed: summary.completed,
            deviceId: summary.deviceId,
            deviceType: summary.deviceType, missingEvents: summary.missingEvents, approximate: summary.approximate,
            sequenceRuns: reference.sequenceRuns.map { [$0.lowerBound, $0.upperBound] })
    }
}
