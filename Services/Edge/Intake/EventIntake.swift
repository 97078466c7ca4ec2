import EventStream
import Foundation
import HTTPTypes
import Logging
import Metrics
import Models
import ServiceKit

/// What the edge does with a request: check every event, make the good ones durable, answer for each.
struct EventIntake: Sendable {
    /// The body of a 202.
    struct Receipt: Encodable, Sendable, Hashable {
        var accepted: Int
        var rejected: [Rejection]
        /// Where the accepted events are on disk.
        var durability = "stream"
    }

    private let appender: StreamAppender
    private let topology: StreamTopology
    private let readiness: Readiness
    private let now: @Sendable () -> Timestamp
    private let acceptedEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "accepted")])
    private let rejectedEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "rejected")])
    private let unavailableEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "unavailable")])

    init(appender: StreamAppender, topology: StreamTopology, readiness: Readiness, now: @escaping @Sendable () -> Timestamp) {
        self.appender = appender
        self.topology = topology
        self.readiness = readiness
        self.now = now
    }

    /// Returns once every event that the receipt counts as accepted is on disk.
    /// - Throws: ``Problem`` 422 when no event is good, 503 when one that is cannot be made durable.
    func take(_ request: EventRequest) async throws(Problem) -> Receipt {
        let (events, rejected) = Self.check(request, receivedAt: now())
        rejectedEvents.increment(by: rejected.count)
        guard !events.isEmpty else {
            if rejected.isEmpty { return Receipt(accepted: 0, rejected: []) }
            throw Self.nothingAccepted(rejected)
        }
        // Before the streams are agreed on, an event could go to the wrong one.
        guard readiness.current["redis"] == nil else { throw unavailable(events.count) }
        do {
            try await appender.append(PartitionBatch.batches(of: events, topology: topology))
        } catch {
            throw unavailable(events.count)
        }
        acceptedEvents.increment(by: events.count)
        return Receipt(accepted: events.count, rejected: rejected)
    }

    /// Sorts the good events from the bad. Pure.
    static func check(_ request: EventRequest, receivedAt: Timestamp) -> (events: [PlaybackEvent], rejected: [Rejection]) {
        let skewMs = EventLimits.skew(sentAt: request.sentAt, receivedAt: receivedAt)
        var events: [PlaybackEvent] = []
        events.reserveCapacity(request.drafts.count)
        var rejected: [Rejection] = []
        for (index, draft) in request.drafts.enumerated() {
            do {
                var event = try draft.event.get()
                event.receivedAt = receivedAt
                event.skewMs = skewMs
                try event.validateArrival()
                events.append(event)
            } catch {
                rejected.append(Rejection(index: index, fault: error))
            }
        }
        return (events, rejected)
    }

    private static func nothingAccepted(_ rejected: [Rejection]) -> Problem {
        let isOne = rejected.count == 1
        return Problem(
            .unprocessableContent, type: "no-event-accepted",
            detail: isOne ? rejected[0].detail : "None of the \(rejected.count) events was accepted; the first: \(rejected[0].detail)",
            members: (try? JSONEncoder().encode(rejected)).map { ["rejected": $0] } ?? [:])
    }

    private func unavailable(_ count: Int) -> Problem {
        unavailableEvents.increment(by: count)
        return Problem(
            .serviceUnavailable, type: "not-durable",
            detail: "The events could not be made durable; send the whole request again, which is harmless for those that already are.",
            headers: [.retryAfter: "1"])
    }
}
