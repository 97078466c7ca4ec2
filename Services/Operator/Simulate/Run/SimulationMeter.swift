import Synchronization

/// What a simulation has measured until now.
struct SimulationMeasures: Sendable {
    /// Requests answered with what became of their events.
    var requests = 0
    /// Attempts that had to be repeated.
    var retries = 0
    /// Events in requests that are done, copies included.
    var events = 0
    /// From sending a request to its answer; attempts that failed are not among them.
    var latency = LatencyHistogram()
    /// Why the last attempt failed; nil once another was answered.
    var trouble: String?
    /// Some of what the edge said about events that it refused.
    var refusals: [String] = []
}

/// Takes the measures of all workers.
final class SimulationMeter: Sendable {
    /// Enough to see what is wrong.
    private static let keptRefusals = 5

    private let measures = Mutex(SimulationMeasures())

    var current: SimulationMeasures { measures.withLock { $0 } }

    func note(_ attempt: EventSender.Attempt) {
        measures.withLock {
            switch attempt {
            case .answered(let duration):
                $0.requests += 1
                $0.latency.record(duration)
                $0.trouble = nil
            case .failed(let reason):
                $0.retries += 1
                $0.trouble = reason
            }
        }
    }

    func note(done batch: OutgoingBatch, refused: [EventSender.Rejection]) {
        measures.withLock {
            $0.events += batch.items.count
            for rejection in refused.prefix(max(Self.keptRefusals - $0.refusals.count, 0)) {
                let item = batch.items[rejection.index]
                $0.refusals.append("event \(item.event) of session \(item.session.sessionId): \(rejection.detail)")
            }
        }
    }
}
