/// The keys in Redis. The braces are a hash tag: in a Redis Cluster a partition's keys live together, the partitions apart.
public enum StreamNames {
    /// The number of partitions, as the first service recorded it.
    static let partitions = "playhead:partitions"
    /// The group that writes history: always served before an entry may be trimmed, whatever the set of groups says.
    public static let historyGroup = "history"
    /// The set of groups that must be served before an entry may be trimmed.
    static let requiredGroups = "playhead:groups"

    /// The routing table that edges follow, and the stream of its changes.
    static let route = "playhead:route"
    static let routeLog = "playhead:route:log"

    /// How far a ramp has come, and who is at it.
    static let ramp = "playhead:ramp"
    static let rampHolder = "playhead:ramp:holder"

    /// What edges tell of themselves, by their name.
    static let edges = "playhead:edges"

    /// What edges hold in their spools: the number of events by folder.
    static let spools = "playhead:spools"
    /// When each edge told that, by folder, in milliseconds of Redis' clock.
    static let spoolTimes = "playhead:spools:times"

    /// The stream of a partition's events.
    public static func events(_ partition: Int) -> String {
        "playhead:{\(padded(partition))}:events"
    }

    /// The stream of a partition's copies: see ``StreamKind/shadow``.
    static func shadow(_ partition: Int) -> String {
        "playhead:{\(padded(partition))}:shadow"
    }

    /// The stream of what changed in the history of a partition's members.
    public static func changes(_ partition: Int) -> String {
        "playhead:{\(padded(partition))}:changes"
    }

    /// What a live replica does, as it tells with each heartbeat.
    static func work(of replica: String) -> String {
        "playhead:work:\(replica)"
    }

    /// Live replicas of a group, scored by the time of their last heartbeat in milliseconds of Redis' clock.
    static func replicas(group: String) -> String {
        "playhead:replicas:\(group)"
    }

    /// The marks on an entry that is processed alone: see ``IsolationMarks``.
    static func isolationMarks(_ partition: Int, group: String, entry: StreamEntryID) -> String {
        "playhead:{\(padded(partition))}:isolated:\(group):\(entry)"
    }

    /// There while a process lives.
    static func processLife(_ incarnation: String) -> String {
        "playhead:life:\(incarnation)"
    }

    private static func padded(_ partition: Int) -> String {
        partition < 10 ? "0\(partition)" : String(partition)
    }
}
