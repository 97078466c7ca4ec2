import Models

/// A place in the change feed of a partition: after a change of an entry. What a follower keeps, to go on from there.
public struct FeedPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var entry: StreamEntryID
    /// Among the changes of the entry, from 0.
    public var index: Int

    public init(entry: StreamEntryID, index: Int) {
        self.entry = entry
        self.index = index
    }

    /// - Parameter text: of the form `1763157900000-0.3`.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let entry = try? StreamEntryID(String(parts[0])), let index = Int(parts[1]), index >= 0 else { return nil }
        self.init(entry: entry, index: index)
    }

    public var description: String { "\(entry).\(index)" }

    public static func < (left: Self, right: Self) -> Bool {
        left.entry == right.entry ? left.index < right.index : left.entry < right.entry
    }
}

/// A change and its place.
public struct FeedChange: Sendable {
    public var position: FeedPosition
    public var change: HistoryChange
}
