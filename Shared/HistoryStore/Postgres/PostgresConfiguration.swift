/// How to reach a PostgreSQL server.
public struct PostgresConfiguration: Sendable, Hashable {
    /// A URI or a keyword/value string as libpq takes it; several hosts are tried in order.
    public var url: String
    public var connectTimeout: Duration = .seconds(3)
    /// Bounds the answer to everything sent at once. Past it the connection is given up.
    public var requestTimeout: Duration
    /// Whether a server that only reads is refused, as after a failover to a standby.
    public var needsWrites: Bool
    /// Whether statements reach rows by index and in the order of their parameters only.
    ///
    /// A prepared statement keeps a plan that was made for a nearly empty table; and where each writer locks its rows in the
    /// order of their keys, none waits for another in a circle.
    public var followsKeyOrder: Bool

    public init(url: String, requestTimeout: Duration = .seconds(30), needsWrites: Bool = true, followsKeyOrder: Bool = false) {
        self.url = url
        self.requestTimeout = requestTimeout
        self.needsWrites = needsWrites
        self.followsKeyOrder = followsKeyOrder
    }
}
