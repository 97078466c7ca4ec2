import EventStream

/// The table of `playhead groups`. Pure.
struct GroupReport {
    let backlogs: [GroupBacklog]

    var lines: [String] {
        [Self.row("group", "unread", "pending", "oldest needed")]
            + backlogs.map { backlog in
                Self.row(
                    backlog.group, backlog.unread.map(String.init) ?? "?", String(backlog.pending),
                    backlog.oldestAgeMs.map(StatusReport.age) ?? "-")
                    + (backlog.lackingStreams == 0 ? "" : "  missing in \(backlog.lackingStreams) streams, which are not trimmed")
            }
    }

    private static func row(_ group: String, _ cells: String...) -> String {
        group + String(repeating: " ", count: max(20 - group.count, 1))
            + cells.map { String(repeating: " ", count: max(13 - $0.count, 0)) + $0 }.joined(separator: "  ")
    }
}
