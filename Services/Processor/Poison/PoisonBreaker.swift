import CoreMetrics
import ServiceKit
import Synchronization

/// Stops the process' taking of entries while too much of them would become dead letters: one for all lanes.
final class PoisonBreaker: Sendable {
    /// The name in `/readyz`.
    static let part = "poison"

    private struct State {
        var window = PoisonWindow()
        var isOpen = false
    }

    private let state = Mutex(State())
    private let readiness: Readiness
    private let metrics: ProcessorMetrics

    init(readiness: Readiness, metrics: ProcessorMetrics) {
        self.readiness = readiness
        self.metrics = metrics
    }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Whether a lane may commit these dead letters; if not, the breaker opens.
    /// - Parameter reason: that of the last of them.
    func admits(good: Int, dead: Int, reason: String) -> Bool {
        guard dead > 0 else { return true }
        let admitted = state.withLock { state in
            if !state.isOpen, state.window.admits(good: good, dead: dead) { return true }
            state.isOpen = true
            return false
        }
        if !admitted {
            metrics.breakerOpen.record(1)
            readiness.fails(
                Self.part,
                "more than \(PoisonWindow.limit) of the last \(PoisonWindow.size) events would be dead letters, so none is taken; the last: \(reason)"
            )
        }
        return admitted
    }

    /// Counts what was committed.
    func note(good: Int, dead: Int) {
        state.withLock { $0.window.note(good: good, dead: dead) }
    }

    /// Entries go through again: everything is taken.
    func close() {
        state.withLock { $0 = State() }
        metrics.breakerOpen.record(0)
        readiness.works(Self.part)
    }
}
