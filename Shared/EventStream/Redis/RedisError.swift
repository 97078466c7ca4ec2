import BlockingClient

/// A failure of Redis or of the way to it.
public struct RedisError: ClassifiedError, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// No connection: refused, reset, timed out. Whether a sent command was carried out is unknown.
        case connection
        /// Not tried: the last attempt failed a moment ago.
        case backingOff
        /// The server answered with an error; `code` is its first word.
        case server(code: String)
        /// A reply of another shape than the command has.
        case unexpectedReply
        /// The server answers before an entry is on disk, or does not tell.
        case notDurable
        /// The server has less memory left than it should.
        case memory
        /// A URL or a recorded setting does not fit.
        case configuration
    }

    public let kind: Kind
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// From the text of an error reply, `CODE message`.
    init(reply: String) {
        self.init(.server(code: String(reply.prefix { $0 != " " })), reply)
    }

    /// Error codes by which a server says "not now". Source: redis.io/docs, and the texts in Redis' `server.c` and `cluster.c`.
    private static let transientCodes: Set<String> = [
        "OOM", "MISCONF", "NOREPLICAS", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNBLOCKED", "BUSY", "NOGROUP",
    ]

    public var failureClass: FailureClass {
        switch kind {
        case .connection, .backingOff, .memory: .retryable
        case .server(let code): Self.transientCodes.contains(code) ? .retryable : .fatal
        case .unexpectedReply, .notDurable, .configuration: .fatal
        }
    }

    public var description: String { "redis: \(message)" }
}
