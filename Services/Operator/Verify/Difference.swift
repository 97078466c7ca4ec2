import Models

/// Something that members are shown and should not be, or the other way round.
struct Difference: Sendable, Hashable {
    enum Kind: Sendable, Hashable, CustomStringConvertible {
        /// Accepted, and not there.
        case missingSession
        /// There, and never accepted.
        case unexpectedSession
        case field(String)
        /// History is not newest first, or has a session twice.
        case order
        case continueWatching
        /// The query service fails to serve it.
        case unreadable

        var description: String {
            switch self {
            case .missingSession: "missing session"
            case .unexpectedSession: "unexpected session"
            case .field(let name): "field \(name)"
            case .order: "order of history"
            case .continueWatching: "continue-watching"
            case .unreadable: "unreadable"
            }
        }
    }

    var kind: Kind
    var memberId: OpaqueID
    /// Where, and what is expected and found.
    var detail: String
}

/// What was found out about some members.
struct VerifiedHistory: Sendable, Hashable {
    /// Sessions that are as they must be.
    var sessions = 0
    /// By the runs that are served of them.
    var events = 0
    var differences: [Difference] = []

    static func += (left: inout VerifiedHistory, right: VerifiedHistory) {
        left.sessions += right.sessions
        left.events += right.events
        left.differences += right.differences
    }
}
