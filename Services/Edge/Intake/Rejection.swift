import Models
import ServiceKit

/// One event of a request that was not taken, and why.
struct Rejection: Encodable, Sendable, Hashable {
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
}
