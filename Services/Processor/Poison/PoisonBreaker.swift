import CoreMetrics
import HistoryStore
import Logging
import ServiceKit
import Synchronization

/// Stops the process' taking of entries while too much of them would become dead letters: one for all lanes.
final class PoisonBreaker: Sendable {
    /// The name in `/readyz`.
    static let part = "poison"

    private struct State {
        var window = PoisonWindow()
        /// What a lane was allowed and has not committed yet: dead letters, by lane.
        var allowed: [Int: Int] = [:]
        var isOpen = false
    }

    private let state = Mutex(State())
    private let readiness: Readiness
    private let metrics: ProcessorMetrics
    private let logger: Logger

    init(readiness: Readiness, metrics: ProcessorMetrics, logger: Logger) {
        self.logger = logger
        self.readiness = readiness
        self.metrics = metrics
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Whether a lane may commit these dead letters, and no others before; if not, the breaker opens.
    /// - Parameter reason: that of the last of them.
    func admits(lane: Int, good: Int, dead: Int, reason: String) -> Bool {
        guard dead > 0 else { return true }
        let (admitted, opened) = state.withLock { state in
            state.allowed[lane] = 0
            let others = state.allowed.values.reduce(0, +)
            if !state.isOpen, state.window.admits(good: good, dead: dead + others) {
                state.allowed[lane] = dead
                return (true, false)
            }
            defer { state.isOpen = true }
            return (false, !state.isOpen)
        }
        if !admitted {
            metrics.breakerOpen.record(1)
            readiness.fails(
                Self.part,
                "more than \(PoisonWindow.limit) of the last \(PoisonWindow.size) events would be dead letters, so none is taken; the last: \(reason)"
            )
        }
        if opened {
            logger.error(
                "takes nothing any more: the database refuses too much of it; find out why, and it goes on by itself",
                metadata: ["limit": "\(PoisonWindow.limit) of the last \(PoisonWindow.size) events", "last": "\(reason)"])
        }
        return admitted
    }

    /// Counts what a lane has committed.
    func note(lane: Int, good: Int, dead: Int) {
        state.withLock {
            $0.allowed[lane] = nil
            $0.window.note(good: good, dead: dead)
        }
    }

    /// Entries go through again: everything is taken.
    func close() {
        state.withLock { $0 = State() }
        metrics.breakerOpen.record(0)
        readiness.works(Self.part)
    }
}
