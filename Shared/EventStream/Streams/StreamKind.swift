/// What streams of events are for. Each kind has streams of its own, one group that writes them into the database, and its own set of groups that
/// must be served.
public enum StreamKind: Sendable, Hashable {
    /// Events that the history is made of.
    case events
    /// Copies of events whose history is written synchronously: the shadow is made of them, to be compared with it.
    case shadow

    /// The group that writes: always served before an entry may be trimmed, whatever the set of groups says.
    public var group: String {
        switch self {
        case .events: StreamNames.historyGroup
        case .shadow: "shadow"
        }
    }

    /// The stream of a partition.
    public func stream(_ partition: Int) -> String {
        switch self {
        case .events: StreamNames.events(partition)
        case .shadow: StreamNames.shadow(partition)
        }
    }

    /// The set of groups that must be served before an entry may be trimmed.
    var requiredGroups: String {
        switch self {
        case .events: StreamNames.requiredGroups
        case .shadow: "playhead:shadow:groups"
        }
    }
}
