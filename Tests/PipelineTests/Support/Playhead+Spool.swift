import EventStream
import Foundation
import Models
import TestSupport

@testable import Operator

extension Playhead {
    /// Sends events in one request, whatever comes of it.
    func send(_ events: [PlaybackEvent], to address: String? = nil) async throws -> HTTP.Answer {
        try await HTTP.post((address ?? edge) + "/v1/events", JSONEncoder().encode(events.map(OutgoingEvent.init)))
    }

    /// Sends events and returns where they were made durable; all must be accepted.
    @discardableResult
    func place(of events: [PlaybackEvent], at address: String? = nil) async throws -> String {
        let answer = try await send(events, to: address)
        guard [200, 202].contains(answer.status) else { throw NotInTime(description: "the edge answered \(answer.status): \(answer.text)") }
        let receipt: Receipt = try answer.json()
        guard receipt.accepted == events.count else { throw NotInTime(description: "not all were accepted: \(answer.text)") }
        return receipt.durability
    }

    /// What `/readyz` of an edge answers.
    func readiness(of edge: RunningService? = nil) async throws -> HTTP.Answer {
        try await HTTP.get((edge ?? self[.edge]).admin() + "/readyz")
    }
}

extension RunningService {
    /// Messages at their beginning.
    func logged(_ beginning: String) -> Int {
        logLines().count { $0["message"]?.hasPrefix(beginning) ?? false }
    }
}
