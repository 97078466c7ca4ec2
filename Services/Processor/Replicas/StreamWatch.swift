import CoreMetrics
import EventStream
import Metrics

/// Looks at all partitions once a second: for metrics, and for entries that nobody reads.
struct StreamWatch: Sendable {
    /// An entry that nobody got for so long is read by any replica: whoever prefers its partition may be gone, or not be there yet.
    static let stragglerAgeMs: Int64 = 2000

    let inspector: StreamInspector
    let group: String
    let membership: Membership

    /// - Throws: ``RedisError``
    func look() async throws(RedisError) {
        let partitions = try await inspector.partitions(group: group)
        membership.update(stragglers: partitions.filter { $0.oldestUnreadAgeMs ?? 0 > Self.stragglerAgeMs }.map(\.partition))
        for status in partitions { note(status) }
    }

    private func note(_ status: StreamInspector.PartitionStatus) {
        let labels = [("partition", String(status.partition))]
        func seconds(_ milliseconds: Int64?) -> Double { Double(milliseconds ?? 0) / 1000 }
        Gauge(label: "playhead_stream_oldest_unapplied_seconds", dimensions: labels).record(seconds(status.oldestUnappliedAgeMs))
        Gauge(label: "playhead_stream_pending_entries", dimensions: labels).record(status.pending)
        Gauge(label: "playhead_stream_oldest_pending_seconds", dimensions: labels).record(seconds(status.oldestPendingAgeMs))
        Gauge(label: "playhead_stream_entries", dimensions: labels).record(status.length)
    }
}
