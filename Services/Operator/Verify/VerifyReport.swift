/// What `playhead verify` prints. Pure.
struct VerifyReport: Sendable {
    /// Differences of each kind that are shown.
    private static let shown = 5

    var acceptedSessions: Int
    var acceptedEvents: Int
    /// Sessions with requests that were never answered: what must be shown of them is not known.
    var uncertainSessions: Int
    var verified: VerifiedHistory
    /// Why the pipeline counts as not settled; nil if it is.
    var unsettled: String?

    var isGood: Bool {
        unsettled == nil && verified.differences.isEmpty && verified.sessions == acceptedSessions && verified.events == acceptedEvents
    }

    var lines: [String] {
        var lines = unsettled.map { ["not settled: \($0); what differs may only be late"] } ?? []
        lines += [
            "accepted  \(acceptedEvents) events, \(acceptedSessions) sessions",
            "verified  \(verified.events) events, \(verified.sessions) sessions",
        ]
        if uncertainSessions > 0 {
            lines.append(
                "uncertain \(uncertainSessions) sessions, as requests with some of their events were never answered; looked at for lost events only"
            )
        }
        let count = verified.differences.count
        lines.append("\(count) difference\(count == 1 ? "" : "s")")
        let kinds = Dictionary(grouping: verified.differences, by: \.kind).sorted { $0.key.description < $1.key.description }
        for (kind, differences) in kinds {
            lines.append("  \(kind): \(differences.count)")
            for difference in differences.sorted(by: { $0.detail < $1.detail }).prefix(Self.shown) {
                lines.append("    \(difference.detail)")
            }
            if differences.count > Self.shown { lines.append("    and \(differences.count - Self.shown) more") }
        }
        return lines
    }
}
