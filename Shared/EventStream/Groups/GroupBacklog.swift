/// How far a group is behind, over all streams. Pure.
public struct GroupBacklog: Sendable, Hashable {
    public var group: String
    /// Entries delivered and not acknowledged.
    public var pending: Int64
    /// Entries that no consumer has got yet; nil where Redis cannot tell.
    public var unread: Int64?
    /// Of the oldest entry that it needs, in milliseconds; nil where it needs none.
    public var oldestAgeMs: Int64?
    /// Streams that have no such group, and so are not trimmed.
    public var lackingStreams: Int

    public init(group: String, partitions: [StreamInspector.PartitionStatus]) {
        self.group = group
        pending = partitions.reduce(0) { $0 + $1.pending }
        let unread = partitions.filter { !$0.lacksGroup }.map(\.unread)
        self.unread = unread.contains(nil) ? nil : unread.reduce(0) { $0 + ($1 ?? 0) }
        oldestAgeMs = partitions.compactMap(\.oldestUnappliedAgeMs).max()
        lackingStreams = partitions.count(where: \.lacksGroup)
    }

    /// What is read and acknowledged as it comes is no reason for a full Redis.
    private static let leastAgeMs: Int64 = 5000

    /// The one that keeps the most from being trimmed: it is missing from a stream, or needs the oldest entry. nil where nobody needs any.
    public static func pinning(_ backlogs: [GroupBacklog]) -> GroupBacklog? {
        backlogs.filter { $0.oldestAgeMs ?? 0 >= leastAgeMs || $0.lackingStreams > 0 }.max { left, right in
            (left.lackingStreams, left.oldestAgeMs ?? 0) < (right.lackingStreams, right.oldestAgeMs ?? 0)
        }
    }

    /// For operators, with what they can do.
    public var warning: String {
        let missing = lackingStreams == 0 ? "" : "; \(lackingStreams) streams lack it, and are not trimmed at all"
        let advice =
            group == StreamNames.historyGroup ? "run more processors" : "serve it, or give it up with: playhead groups retire \(group)"
        return "group \(group) keeps entries of the last \((oldestAgeMs ?? 0) / 1000) s in Redis\(missing): \(advice)"
    }
}
