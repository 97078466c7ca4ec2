import BlockingClient
import EventStream
import Models

/// How much this replica applied lately, and how soon: over its last heartbeats, so that whoever looks seldom sees what came in between.
final class WorkMeter: Sendable {
    private struct Slice {
        var began = ContinuousClock.now
        var events = 0
        var delays: [Int64] = []
    }

    private static let slices = 5
    /// Of one slice; the median and the tail of more are not told apart from those of the first.
    private static let samples = 1024

    /// The newest last.
    private let state = LockedValue([Slice()])

    /// - Parameter delays: of events that were committed, in milliseconds.
    func note(_ delays: some Collection<Int64>) {
        state.withLock { slices in
            let newest = slices.count - 1
            slices[newest].events += delays.count
            slices[newest].delays += delays.prefix(max(Self.samples - slices[newest].delays.count, 0))
        }
    }

    /// What was noted in the last slices; a new one begins.
    func take(now: ContinuousClock.Instant = .now) -> ReplicaWork {
        let slices = state.withLock { slices in
            defer {
                slices.append(Slice(began: now))
                if slices.count > Self.slices { slices.removeFirst() }
            }
            return slices
        }
        let sorted = slices.flatMap(\.delays).sorted()
        func quantile(_ share: Double) -> Int64? {
            sorted.isEmpty ? nil : sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
        }
        let seconds = max((now - slices[0].began) / .seconds(1), 0.001)
        let rate = Double(slices.reduce(0) { $0 + $1.events }) / seconds
        return ReplicaWork(eventsPerSecond: (rate * 10).rounded() / 10, delayP50Ms: quantile(0.5), delayP99Ms: quantile(0.99))
    }
}
