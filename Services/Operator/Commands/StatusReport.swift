import EventStream

/// The table of `playhead status`. Pure.
struct StatusReport {
    let partitions: [StreamInspector.PartitionStatus]
    let replicas: [String]
    /// Those that live, but cannot work.
    var waiting: [String] = []
    var spools: [SpoolLedger.Folder] = []
    /// The group that keeps entries in a Redis that is filling up.
    var pinning: GroupBacklog?

    var lines: [String] {
        var lines = [Self.row("partition", "length", "pending", "oldest unapplied")]
        for status in partitions {
            lines.append(
                Self.row(
                    String(status.partition), String(status.length), String(status.pending),
                    status.lacksGroup ? "no group" : status.oldestUnappliedAgeMs.map(Self.age) ?? "-"))
        }
        let oldest = partitions.compactMap(\.oldestUnappliedAgeMs).max()
        lines.append(
            Self.row(
                "all", String(partitions.map(\.length).reduce(0, +)), String(partitions.map(\.pending).reduce(0, +)),
                oldest.map(Self.age) ?? "-"))
        lines.append("replicas: \(replicas.count)\(replicas.isEmpty ? "" : " (" + replicas.joined(separator: ", ") + ")")")
        if !waiting.isEmpty {
            lines.append("not working: \(waiting.count) (\(waiting.joined(separator: ", "))); playhead health processor says why")
        }
        if let line = Self.spoolLine(spools) { lines.append(line) }
        if let pinning { lines.append("Redis is filling up: \(pinning.warning)") }
        return lines
    }

    /// nil where nothing is spooled.
    static func spoolLine(_ spools: [SpoolLedger.Folder]) -> String? {
        let held = spools.filter { $0.events > 0 }
        return held.isEmpty ? nil : "spools: \(held.count) hold \(held.reduce(0) { $0 + $1.events }) events"
    }

    /// A duration as people read it.
    static func age(_ milliseconds: Int64) -> String {
        milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
    }

    private static func row(_ cells: String...) -> String {
        cells.map { String(repeating: " ", count: max(10 - $0.count, 0)) + $0 }.joined(separator: "  ")
    }
}
