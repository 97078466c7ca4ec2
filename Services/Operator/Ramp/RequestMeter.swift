import EventStream

/// How many requests of the asynchronous way edges answered and failed from one look to the next. Pure.
struct RequestMeter: Sendable {
    private var last: [String: EdgeReport]?

    /// - Returns: nothing at the first look.
    mutating func note(_ edges: [EdgeLedger.Edge]) -> (requests: Int, failed: Int) {
        defer { last = Dictionary(edges.map { ($0.name, $0.report) }) { $1 } }
        guard let last else { return (0, 0) }
        var total = (requests: 0, failed: 0)
        for edge in edges {
            let before = last[edge.name] ?? EdgeReport(routeVersion: 0, makesCopies: false, hasShadowed: false)
            let (now, then) = (edge.report.asynchronous, before.asynchronous)
            let failed = max(now.failed - then.failed, 0)
            total.failed += failed
            total.requests += failed + max(now.answered - then.answered, 0)
        }
        return total
    }
}
