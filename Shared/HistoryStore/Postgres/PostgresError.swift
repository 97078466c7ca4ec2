import BlockingClient

/// A failure of PostgreSQL or of the way to it.
public struct PostgresError: ClassifiedError, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// No connection: refused, reset, timed out. Whether a sent COMMIT was carried out is unknown.
        case connection
        /// Not tried: the last attempt failed a moment ago.
        case backingOff
        /// Not tried: too many requests wait for a connection.
        case overloaded
        /// The server refused; five characters of class and code (PostgreSQL documentation, appendix A).
        case server(sqlState: String)
        /// A result of another shape than the statement has.
        case unexpectedResult
    }

    public let kind: Kind
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The SQLSTATE, where the server gave one.
    public var sqlState: String? {
        if case .server(let sqlState) = kind { sqlState } else { nil }
    }

    /// The server chose this transaction of several that waited for each other in a circle.
    var isDeadlock: Bool { sqlState == "40P01" }

    public var failureClass: FailureClass {
        switch kind {
        case .connection, .backingOff, .overloaded: .retryable
        case .unexpectedResult: .fatal
        case .server(let sqlState): Self.failureClass(ofSQLState: sqlState)
        }
    }

    /// Whether a transaction of one member failed by what that member has: a row or chunk that cannot be read, data that the server refuses, or
    /// more of it than the time allows (57014). Anything else strikes others as well.
    public var isOfOneMember: Bool {
        switch kind {
        case .unexpectedResult: true
        case .connection, .backingOff, .overloaded: false
        case .server(let sqlState): ["22", "23"].contains(sqlState.prefix(2)) || sqlState == "57014" || sqlState == "25P03"
        }
    }

    static func failureClass(ofSQLState sqlState: String) -> FailureClass {
        // 25006: the transaction is read-only, as on a standby or a full disk's guard.
        if sqlState == "25006" { return .retryable }
        return switch sqlState.prefix(2) {
        // Data exception, integrity constraint violation.
        case "22", "23": .data
        // Connection, rollback (deadlock, serialisation), resources, object in use, operator intervention, system error, internal.
        case "08", "40", "53", "55", "57", "58", "XX": .retryable
        default: .fatal
        }
    }

    public var description: String {
        sqlState.map { "postgres: \(message) (SQLSTATE \($0))" } ?? "postgres: \(message)"
    }
}
