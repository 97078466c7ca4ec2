import Models

@testable import Operator

extension ImportedRow {
    /// Those to send; none for a row that is not sent.
    var events: [PlaybackEvent] {
        if case .events(let events) = content { events } else { [] }
    }

    var sessionId: OpaqueID? { events.first?.sessionId }

    var badReason: String? {
        if case .bad(let reason) = content { reason } else { nil }
    }

    var isSkipped: Bool {
        if case .skipped = content { true } else { false }
    }

    /// The line of the fuller report of the same play.
    var repeatedLine: Int? {
        if case .repeats(let line) = content { line } else { nil }
    }
}
