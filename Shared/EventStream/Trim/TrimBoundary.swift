/// Up to where a stream may be trimmed. Pure: ``StreamTrimmer`` asks Redis and acts on it.
enum TrimBoundary {
    /// What a group still needs of a stream.
    struct GroupPosition: Sendable, Hashable {
        var lastDelivered: StreamEntryID
        /// Read after `lastDelivered` was: an entry acknowledged in between then only makes the boundary lower than it could be.
        var lowestPending: StreamEntryID?

        /// The lowest entry that the group has not acknowledged, whether it exists yet or not.
        var lowestNeeded: StreamEntryID {
            min(lowestPending ?? lastDelivered.next, lastDelivered.next)
        }
    }

    /// The lowest entry that any required group needs; everything before it may go.
    /// - Returns: nil where a required group is missing from the stream, which must then not be trimmed at all.
    static func lowestNeeded(required: Set<String>, positions: [String: GroupPosition]) -> StreamEntryID? {
        guard !required.isEmpty, required.isSubset(of: positions.keys) else { return nil }
        return required.compactMap { positions[$0]?.lowestNeeded }.min()
    }

    /// The same, where entries are kept for a while although nobody needs them.
    /// - Parameter keptSince: milliseconds since 1970, by Redis' clock; entries have the time of their writing in their id.
    static func boundary(lowestNeeded: StreamEntryID, keptSince: Int64) -> StreamEntryID {
        min(lowestNeeded, StreamEntryID(milliseconds: UInt64(max(keptSince, 0)), sequence: 0))
    }
}
