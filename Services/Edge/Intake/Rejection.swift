import Models
import ServiceKit

/// One event of a request that was not taken, and why.
struct Rejection: Encodable, Sendable, Hashable {
    /// Why a good event is not taken.
    enum Kind: Sendable {
        /// The request's token is of another member.
        case otherMember
        /// The spool is nearly full, and keeps what is left of it for events that matter more.
        case backPressure
        /// Its member sends too many.
        case memberFlood
    }

    static let otherMember = Problem.uri("other-member")

    /// Of the event in the request, from 0; of an NDJSON body blank lines are not counted.
    let index: Int
    let type: String
    let field: String?
    let detail: String
    /// Whether the same event may be taken later.
    let retryable: Bool

    init(index: Int, fault: EventFault) {
        self.index = index
        type = Problem.uri("invalid-event")
        field = fault.field
        detail = fault.detail
        retryable = false
    }

    init(index: Int, kind: Kind) {
        self.index = index
        field = nil
        retryable = kind != .otherMember
        switch kind {
        case .otherMember:
            type = Rejection.otherMember
            detail = "the token may not report what this member watched"
        case .backPressure:
            type = Problem.uri("back-pressure")
            detail = "progress events are not taken for now, as storage is nearly full; send it again later"
        case .memberFlood:
            type = Problem.uri("member-flood")
            detail = "the member sends more events a second than are taken; send it again later"
        }
    }
}
