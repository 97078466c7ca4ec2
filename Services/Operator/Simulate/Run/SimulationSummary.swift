/// What a simulation did, when it is over.
struct SimulationSummary: Sendable {
    var totals: TruthTotals
    var measures: SimulationMeasures
    var seconds: Double
    /// nil where everything was sent and answered.
    var stop: SimulationStop.Reason?

    var lines: [String] {
        let made = totals.made
        let fates = "\(made.dropped) dropped, \(made.reordered) reordered, \(made.late) late"
        let rate = Int(Double(measures.events) / max(seconds, 0.001))
        var accepted = "\(totals.accepted) distinct events"
        if totals.unanswered > 0 { accepted += ", \(totals.unanswered) more were sent and never answered" }
        if totals.refused > 0 { accepted += ", \(totals.refused) were refused" }
        return [
            Self.row("sessions", "\(totals.sessions)"),
            Self.row("events", "\(made.events), of these \(fates); \(made.duplicates) duplicates"),
            Self.row("accepted", accepted),
            Self.row("requests", "\(measures.requests) answered, \(measures.retries) retries"),
            Self.row("time", "\(Int(seconds)).\(Int(seconds * 10) % 10) s, \(rate) events/s, duplicates included"),
            Self.row("latency", SimulationProgress.percentiles(of: measures.latency, [0.5, 0.99, 0.999]) ?? "-"),
        ]
    }

    private static func row(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: 10 - name.count) + value
    }
}
