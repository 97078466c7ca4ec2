import Testing

@testable import EventStream

@Suite("How far a group is behind")
struct GroupBacklogTests {
    private func status(
        pending: Int64 = 0, unread: Int64? = 0, age: Int64? = nil, lacksGroup: Bool = false
    ) -> StreamInspector.PartitionStatus {
        StreamInspector.PartitionStatus(
            partition: 0, length: 9, pending: pending, unread: unread, oldestUnappliedAgeMs: age, lacksGroup: lacksGroup)
    }

    @Test("is summed over the streams; what Redis cannot tell of one is not known of all") func sums() {
        let known = GroupBacklog(group: "a", partitions: [status(pending: 1, unread: 2, age: 5), status(pending: 3, unread: 4, age: 9)])
        #expect(known.pending == 4 && known.unread == 6 && known.oldestAgeMs == 9 && known.lackingStreams == 0)
        #expect(GroupBacklog(group: "a", partitions: [status(unread: 2), status(unread: nil)]).unread == nil)
        let lacking = GroupBacklog(group: "a", partitions: [status(unread: nil, lacksGroup: true), status(unread: 1)])
        #expect(lacking.unread == 1 && lacking.lackingStreams == 1 && lacking.oldestAgeMs == nil)
    }

    @Test("the one that needs the oldest entry pins the rest; one that is missing from a stream, before all") func pinning() {
        let idle = GroupBacklog(group: "idle", partitions: [status()])
        let near = GroupBacklog(group: "near", partitions: [status(age: 5000)])
        let far = GroupBacklog(group: "far", partitions: [status(age: 5), status(age: 3_600_000)])
        let missing = GroupBacklog(group: "missing", partitions: [status(age: 7, lacksGroup: true)])
        #expect(GroupBacklog.pinning([]) == nil)
        #expect(GroupBacklog.pinning([idle, GroupBacklog(group: "busy", partitions: [status(age: 4999)])]) == nil)
        #expect(GroupBacklog.pinning([near, far, idle])?.group == "far")
        #expect(GroupBacklog.pinning([near, far, missing])?.group == "missing")
        #expect(far.warning.contains("far") && far.warning.contains("3600 s") && far.warning.contains("playhead groups retire far"))
        #expect(missing.warning.contains("1 streams lack it"))
        // It writes the history: nobody gives it up.
        #expect(!GroupBacklog(group: "history", partitions: [status(age: 10)]).warning.contains("retire"))
    }
}
