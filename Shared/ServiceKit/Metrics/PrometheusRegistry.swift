import CoreMetrics
import Synchronization

/// swift-metrics' backend: keeps every metric of the process and writes them as Prometheus text, format 0.0.4.
///
/// There is no packaged Prometheus backend among the project's dependencies; the format is a page long.
/// Source: prometheus.io/docs/instrumenting/exposition_formats.
public final class PrometheusRegistry: MetricsFactory {
    private struct Key: Hashable {
        var name: String
        var labels: String
    }

    private let metrics = Mutex<[Key: any PrometheusMetric]>([:])

    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        metric(label, dimensions) { PrometheusCounter() }
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        metric(label, dimensions) { PrometheusCounter() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        metric(label, dimensions) { PrometheusGauge() }
    }

    /// `aggregate`: a distribution, else the last value.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return metric(label, dimensions) { PrometheusHistogram(bounds: PrometheusHistogram.sizes, scale: 1) } }
        return metric(label, dimensions) { PrometheusGauge() }
    }

    /// In seconds, as Prometheus wants times.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        metric(label, dimensions) { PrometheusHistogram(bounds: PrometheusHistogram.seconds, scale: 1e-9) }
    }

    // Metrics live as long as the process: a counter that vanished and came back at 0 would look like a restart.
    public func destroyCounter(_: any CounterHandler) {}
    public func destroyFloatingPointCounter(_: any FloatingPointCounterHandler) {}
    public func destroyMeter(_: any MeterHandler) {}
    public func destroyRecorder(_: any RecorderHandler) {}
    public func destroyTimer(_: any TimerHandler) {}

    /// All metrics in Prometheus text, in the order of their names.
    public func exposition() -> String {
        let snapshot = metrics.withLock { $0 }
        var text = ""
        var lastName = ""
        for (key, metric) in snapshot.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
            if key.name != lastName { text += "# TYPE \(key.name) \(metric.type)\n" }
            lastName = key.name
            text += metric.lines(name: key.name, labels: key.labels)
        }
        return text
    }

    private func metric<Metric: PrometheusMetric>(_ label: String, _ dimensions: [(String, String)], make: () -> Metric) -> Metric {
        let key = Key(name: label, labels: dimensions.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ","))
        return metrics.withLock { metrics in
            if let metric = metrics[key] as? Metric { return metric }
            let metric = make()
            metrics[key] = metric
            return metric
        }
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
