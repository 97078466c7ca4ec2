/// What an edge tells of itself, so that whoever changes the routing sees what comes of it.
public struct EdgeReport: Sendable, Hashable, Codable {
    /// Requests of one path since the edge started.
    public struct Requests: Sendable, Hashable, Codable {
        /// All of whose events were accepted, or were at fault themselves.
        public var answered = 0
        /// 503: an event could not be made durable.
        public var failed = 0

        /// None.
        public init() {}
    }

    /// The version of the routing table that it follows.
    public var routeVersion: Int
    /// Whether it can make copies for the shadow at all.
    public var makesCopies: Bool
    /// It followed a table by which it had to.
    public var hasShadowed: Bool
    /// Those with an event whose member is written synchronously.
    public var synchronous = Requests()
    /// The others.
    public var asynchronous = Requests()
    /// Events that were copied for the shadow.
    public var copied = 0
    /// Events that were to be copied, and were not.
    public var notCopied = 0
    /// Sessions of which a copy was not made, and the database does not know it yet.
    public var untoldSessions = 0

    /// A report of an edge that has answered and copied nothing yet.
    public init(routeVersion: Int, makesCopies: Bool, hasShadowed: Bool) {
        self.hasShadowed = hasShadowed
        self.routeVersion = routeVersion
        self.makesCopies = makesCopies
    }
}
