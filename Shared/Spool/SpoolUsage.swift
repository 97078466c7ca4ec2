/// How full a spool is. Pure.
public struct SpoolUsage: Sendable, Hashable {
    /// How much of what arrives the spool may still take.
    public enum Level: Int, Sendable, Hashable, Comparable {
        case everything
        /// Above 80 %: what the rest of a session makes up for, its `progress` events, should be kept out.
        case essentials
        case nothing

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// Of the segments of this edge.
    public var bytes = 0
    /// In them.
    public var events = 0
    /// In folders that other edges left, and which this one drains.
    public var adoptedEvents = 0
    /// Files that were set aside, of all edges.
    public var corruptSegments = 0
    /// Why the last write failed; nil when it did not.
    public var failure: String?
    public let limitBytes: Int

    public init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Without what is below zero for a moment, as a loss may be noted before its gain.
    var shown: SpoolUsage {
        var shown = self
        shown.bytes = max(bytes, 0)
        shown.events = max(events, 0)
        shown.adoptedEvents = max(adoptedEvents, 0)
        return shown
    }

    public var isEmpty: Bool { events == 0 && adoptedEvents == 0 }

    public var level: Level {
        if bytes >= limitBytes { return .nothing }
        return bytes >= limitBytes / 5 * 4 ? .essentials : .everything
    }
}
