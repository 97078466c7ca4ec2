/// The line that shows how a simulation is getting on.
struct SimulationProgress {
    private var shownAt = ContinuousClock.now
    private var shownEvents = 0

    /// - Parameter share: how much is done, 0 ... 1
    mutating func text(share: Double, measures: SimulationMeasures) -> String {
        let seconds = (.now - shownAt) / .seconds(1)
        let rate = Int(Double(measures.events - shownEvents) / max(seconds, 0.001))
        shownAt = .now
        shownEvents = measures.events
        var text = "\(Int(share * 100)) %  \(measures.events) events, \(rate)/s"
        if let percentiles = Self.percentiles(of: measures.latency, [0.5, 0.99]) { text += "; \(percentiles)" }
        if measures.retries > 0 { text += "; \(measures.retries) retries" }
        if let trouble = measures.trouble { text += "; \(trouble.prefix(100))" }
        return text
    }

    /// `p50 2.1 ms, p99 8.0 ms, max 12.3 ms`; nil where nothing was measured.
    static func percentiles(of latency: LatencyHistogram, _ shares: [Double]) -> String? {
        guard latency.count > 0 else { return nil }
        var parts = shares.compactMap { share in
            latency.percentile(share).map { "p\(number(share * 100)) \(milliseconds($0))" }
        }
        parts.append("max \(milliseconds(latency.maximum))")
        return parts.joined(separator: ", ")
    }

    /// With at most one digit after the point.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = Int((duration / .microseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
