/// How to reach a PostgreSQL server.
public struct PostgresConfiguration: Sendable, Hashable {
    /// A URI or a keyword/value string as libpq takes it; several hosts are tried in order.
    public var url: String
    public var connectTimeout: Duration = .seconds(3)
    /// Bounds the answer to everything sent at once. Past it the connection is given up.
    public var requestTimeout: Duration
    /// Whether a server that only reads is refused, as after a failover to a standby.
    public var needsWrites: Bool
    /// What the planner is held to.
    ///
    /// A prepared statement may keep a plan that was made for a nearly empty table, so none is left its choice.
    public enum Plans: Sendable {
        case free
        /// Rows are reached by index and in the order of the parameters only: where each writer locks its rows in the order of
        /// their keys, none waits for another in a circle.
        case inKeyOrder
        /// Rows are read through an index, and in its order where that is the wanted one, so that a page costs what it shows and not
        /// what there is; one plan for all parameters, as planning takes longer than such a read.
        case inIndexOrder
    }

    public var plans: Plans

    /// Which of two histories in one database is meant.
    public enum Schema: Sendable {
        /// The one that members are shown: in the schema that the URL or the role leads to.
        case history
        /// The one that is made of copies, to be compared with it: the same tables in schema `shadow`.
        case shadow
    }

    /// The history that connections see.
    public var schema: Schema

    public init(
        url: String, requestTimeout: Duration = .seconds(30), needsWrites: Bool = true, plans: Plans = .free, schema: Schema = .history
    ) {
        self.schema = schema
        self.url = url
        self.requestTimeout = requestTimeout
        self.needsWrites = needsWrites
        self.plans = plans
    }
}

extension PostgresConfiguration.Schema {
    /// Settings of a session.
    var settings: [String: String] {
        switch self {
        case .history: [:]
        case .shadow: ["search_path": "shadow"]
        }
    }
}

extension PostgresConfiguration.Plans {
    /// Settings of a session.
    var settings: [String: String] {
        switch self {
        case .free: [:]
        case .inKeyOrder: ["enable_seqscan": "off", "enable_bitmapscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"]
        case .inIndexOrder:
            ["enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off", "plan_cache_mode": "force_generic_plan"]
        }
    }
}
