import Testing

@testable import EventStream
@testable import Operator

@Suite("The table of playhead status")
struct StatusReportTests {
    private static func status(
        _ partition: Int, length: Int64 = 0, pending: Int64 = 0, age: Int64? = nil, lacksGroup: Bool = false
    ) -> StreamInspector.PartitionStatus {
        StreamInspector.PartitionStatus(
            partition: partition, length: length, pending: pending, oldestUnappliedAgeMs: age, lacksGroup: lacksGroup)
    }

    @Test("has a line for each partition, the sum of all, and the replicas")
    func table() {
        let report = StatusReport(
            partitions: [
                Self.status(0, length: 12, pending: 3, age: 9999), Self.status(1), Self.status(2, length: 7, lacksGroup: true),
                Self.status(10, length: 123_456_789_012, pending: 4, age: 10_000),
            ],
            replicas: ["a-1", "b-2"])
        let wanted = """
             partition      length     pending  oldest unapplied
                     0          12           3     9999 ms
                     1           0           0           -
                     2           7           0    no group
                    10  123456789012           4        10 s
                   all  123456789031           7        10 s
            replicas: 2 (a-1, b-2)
            """
        #expect(report.lines == wanted.split(separator: "\n").map(String.init))
    }

    @Test("shows what is spooled, and nothing where nothing is")
    func spools() {
        func last(_ events: Int...) -> String? {
            let folders = events.map { SpoolLedger.Folder(name: "\($0)", events: $0, publishedAtMs: 0) }
            return StatusReport(partitions: [], replicas: [], spools: folders).lines.last
        }
        #expect(last(1000, 0, 234) == "spools: 2 hold 1234 events")
        #expect(last(0) == "replicas: 0")
    }

    @Test("names the group that keeps entries in a Redis that fills up")
    func pinning() {
        let backlog = GroupBacklog(group: "analytics", partitions: [Self.status(0, age: 7_200_000)])
        let line = StatusReport(partitions: [], replicas: [], pinning: backlog).lines.last
        #expect(line == "Redis is filling up: \(backlog.warning)")
    }

    @Test("of the groups has a line for each")
    func groups() {
        let lines = GroupReport(backlogs: [
            GroupBacklog(group: "history", partitions: [Self.status(0, pending: 3, age: 9999)]),
            GroupBacklog(group: "analytics", partitions: [Self.status(0), Self.status(1, lacksGroup: true)]),
        ]).lines
        #expect(
            lines == [
                "group                      unread        pending  oldest needed",
                "history                         ?              3        9999 ms",
                "analytics                       ?              0              -  missing in 1 streams, which are not trimmed",
            ])
    }

    @Test("of an empty system says so")
    func empty() {
        let lines = StatusReport(partitions: [Self.status(0)], replicas: []).lines
        #expect(lines.last == "replicas: 0")
        let stuck = StatusReport(partitions: [Self.status(0)], replicas: [], waiting: ["a", "b"]).lines
        #expect(stuck.suffix(2) == ["replicas: 0", "not working: 2 (a, b); playhead health processor says why"])
        #expect(lines.dropLast().last == "       all           0           0           -")
    }

    @Test(
        "shows the greatest age of all",
        arguments: [(0, "0 ms"), (1, "1 ms"), (59_999, "59 s"), (3_600_000, "3600 s")] as [(Int64, String)])
    func age(milliseconds: Int64, text: String) {
        let lines = StatusReport(partitions: [Self.status(0, age: 0), Self.status(1, age: milliseconds), Self.status(2)], replicas: [])
            .lines
        #expect(lines[2].hasSuffix("  \(text)") && lines[4].hasSuffix("  \(text)"))
        #expect(lines[3].hasSuffix("  -"))
    }
}
