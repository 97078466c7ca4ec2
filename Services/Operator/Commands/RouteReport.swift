import EventStream
import Models

/// What `playhead route show` prints. Pure.
struct RouteReport {
    let table: RoutingTable
    /// Somebody set it.
    let isSet: Bool
    let edges: [EdgeLedger.Edge]
    /// The newest first.
    let changes: [RouteHistory.Change]

    var lines: [String] {
        var lines = ["\(Self.text(table)) (\(isSet ? "version \(table.version)" : "never set"))"]
        for (member, route) in table.pins.sorted(by: { $0.key < $1.key }) { lines.append("  \(member) is pinned to \(route.rawValue)") }
        for edge in edges {
            let state =
                edge.isLive
                ? edge.report.routeVersion == table.version
                    ? "follows it" : "follows version \(edge.report.routeVersion)"
                : "has told nothing for \(edge.ageMs / 1000) s"
            lines.append("edge \(edge.name): \(state)")
        }
        if !changes.isEmpty { lines.append("changes:") }
        for change in changes {
            let shares = [Self.text(change.from), Self.text(change.to)]
            lines.append(
                "  \(RFC3339.format(change.at)) by \(change.by): \(shares[0] == shares[1] ? "pins" : shares.joined(separator: " -> "))")
            for (member, from, to) in Self.pins(change) {
                lines.append("    \(member): \(from?.rawValue ?? "by its share") -> \(to?.rawValue ?? "by its share")")
            }
        }
        return lines
    }

    static func text(_ table: RoutingTable) -> String {
        let shadow = min(table.shadow.slots, MemberShare.slots - table.async.slots)
        let sync = MemberShare(slots: MemberShare.slots - table.async.slots - shadow)
        return "async \(table.async) %, shadow \(MemberShare(slots: shadow)) %, sync \(sync) %"
    }

    private static func pins(_ change: RouteHistory.Change) -> [(OpaqueID, Route?, Route?)] {
        Set(change.from.pins.keys).union(change.to.pins.keys).sorted().compactMap { member in
            let (from, to) = (change.from.pins[member], change.to.pins[member])
            return from == to ? nil : (member, from, to)
        }
    }
}
