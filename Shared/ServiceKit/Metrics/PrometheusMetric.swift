import CoreMetrics
import Synchronization

/// One metric with one set of labels.
protocol PrometheusMetric: AnyObject, Sendable {
    /// The word after `# TYPE`.
    var type: String { get }
    /// - Parameter labels: `name="value",…`, escaped, perhaps empty.
    func lines(name: String, labels: String) -> String
}

extension PrometheusMetric {
    func line(_ name: String, _ labels: String, _ value: some CustomStringConvertible) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}

final class PrometheusCounter: PrometheusMetric, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)
    let type = "counter"

    func increment(by amount: Int64) { value.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }

    func lines(name: String, labels: String) -> String {
        line(name, labels, value.withLock { $0 })
    }
}

final class PrometheusGauge: PrometheusMetric, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)
    let type = "gauge"

    func set(_ newValue: Int64) { set(Double(newValue)) }
    func set(_ newValue: Double) { value.withLock { $0 = newValue } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ newValue: Int64) { set(newValue) }
    func record(_ newValue: Double) { set(newValue) }

    func lines(name: String, labels: String) -> String {
        line(name, labels, value.withLock { $0 })
    }
}

final class PrometheusHistogram: PrometheusMetric, RecorderHandler, TimerHandler {
    /// From half a millisecond to ten seconds, and on to an hour for delays after an outage.
    static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600]
    static let sizes = [1.0, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 100_000, 1_000_000]

    private struct State {
        var counts: [Int]
        var sum = 0.0
        var count = 0
    }

    private let bounds: [Double]
    private let scale: Double
    private let state: Mutex<State>
    let type = "histogram"

    /// - Parameters:
    ///   - bounds: upper bounds of the buckets, rising; one for infinity is added.
    ///   - scale: what recorded values are multiplied with.
    init(bounds: [Double], scale: Double) {
        self.bounds = bounds
        self.scale = scale
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let value = value * scale
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(duration) }

    func lines(name: String, labels: String) -> String {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var text = ""
        var cumulative = 0
        for (bound, count) in zip(bounds, state.counts) {
            cumulative += count
            text += line(name + "_bucket", "\(prefix)le=\"\(bound)\"", cumulative)
        }
        text += line(name + "_bucket", "\(prefix)le=\"+Inf\"", state.count)
        return text + line(name + "_sum", labels, state.sum) + line(name + "_count", labels, state.count)
    }
}
