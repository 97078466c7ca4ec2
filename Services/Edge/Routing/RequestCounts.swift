import BlockingClient
import EventStream

/// The requests of each path, as they are told of in an ``EdgeReport``.
final class RequestCounts: Sendable {
    enum Path: Sendable {
        case synchronous
        case asynchronous
    }

    private let counts = LockedValue((synchronous: EdgeReport.Requests(), asynchronous: EdgeReport.Requests()))

    /// - Parameter isAnswered: false for a 503.
    func note(_ path: Path, isAnswered: Bool) {
        counts.withLock { counts in
            switch (path, isAnswered) {
            case (.synchronous, true): counts.synchronous.answered += 1
            case (.synchronous, false): counts.synchronous.failed += 1
            case (.asynchronous, true): counts.asynchronous.answered += 1
            case (.asynchronous, false): counts.asynchronous.failed += 1
            }
        }
    }

    func add(to report: inout EdgeReport) {
        (report.synchronous, report.asynchronous) = counts.withLock { $0 }
    }
}
