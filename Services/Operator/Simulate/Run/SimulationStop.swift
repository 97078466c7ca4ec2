import Synchronization

/// Ends a simulation early: no further request is begun, and those under way have a little time to be answered.
final class SimulationStop: Sendable {
    enum Reason: Sendable, Hashable {
        /// By SIGINT or SIGTERM.
        case interrupted
        case failed(String)
    }

    private static let grace = Duration.seconds(10)

    private struct State {
        var reason: Reason?
        var deadline: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Why; nil while it goes on.
    var reason: Reason? { state.withLock { $0.reason } }

    /// Whether requests under way are to be given up.
    var isOverdue: Bool { state.withLock { $0.deadline.map { .now >= $0 } ?? false } }

    /// The first reason counts. A second interruption waits no longer.
    func stop(_ reason: Reason) {
        state.withLock {
            if $0.reason == nil {
                $0 = State(reason: reason, deadline: .now + Self.grace)
            } else if reason == .interrupted {
                $0.deadline = .now
            }
        }
    }
}
