import CoreMetrics
import Foundation
import HTTPTypes
import Metrics
import Models
import PublicAPI
import ServiceKit
import Spool
import Tokens

/// What the edge does with a request: check every event, make the good ones durable, answer for each.
struct EventIntake: Sendable {
    /// The body of a 202.
    struct Receipt: Encodable, Sendable, Hashable {
        var accepted: Int
        var rejected: [Rejection]
        /// Where the accepted events are on disk.
        var durability = "stream"
    }

    /// Taken off the time that a request has: a sweep of what waits, and the way to the client.
    private static let answerTime = Duration.milliseconds(50)

    private let log: DurableLog
    private let memberLimit: MemberLimit
    private let requestTimeout: Duration
    private let now: @Sendable () -> Timestamp
    private let acceptedEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "accepted")])
    private let spooledEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "spooled")])
    private let rejectedEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "rejected")])
    private let putOffEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "put_off")])
    private let unavailableEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "unavailable")])

    /// - Parameter requestTimeout: from the arrival of a request's body to its answer.
    init(log: DurableLog, memberLimit: MemberLimit, requestTimeout: Duration, now: @escaping @Sendable () -> Timestamp) {
        self.log = log
        self.memberLimit = memberLimit
        self.requestTimeout = requestTimeout
        self.now = now
    }

    /// Returns once every event that the receipt counts as accepted is on disk.
    /// - Parameters:
    ///   - grant: what the request may do.
    ///   - arrivedAt: when the body was there: what the deadline counts from.
    /// - Throws: ``Problem`` 422 when no event is good, 403 when all are of members that the token does not speak for; 503 when none is taken and some may be later, or when one that is good cannot be made
    ///   durable in time.
    func take(_ request: EventRequest, grant: Grant, arrivedAt: ContinuousClock.Instant = .now) async throws(Problem) -> Receipt {
        let deadline = arrivedAt + max(requestTimeout - Self.answerTime, requestTimeout / 2)
        var checked = Self.check(request, grant: grant, receivedAt: now())
        if !checked.rejected.isEmpty { rejectedEvents.increment(by: checked.rejected.count) }
        if let admitted = memberLimit.admit(checked.events) {
            putOffEvents.increment(by: checked.putOff(.memberFlood) { !admitted[$1] })
        }
        guard !checked.events.isEmpty else { return try Self.receiptOfNothing(checked.rejected) }
        if await log.appendToStreams(checked.events, deadline: deadline) {
            acceptedEvents.increment(by: checked.events.count)
            return Receipt(accepted: checked.events.count, rejected: checked.rejected)
        }
        return try await spool(&checked, deadline: deadline)
    }

    private func spool(_ checked: inout CheckedEvents, deadline: ContinuousClock.Instant) async throws(Problem) -> Receipt {
        if log.spoolLevel == .essentials {
            putOffEvents.increment(by: checked.putOff(.backPressure) { event, _ in event.kind == .progress })
            guard !checked.events.isEmpty else { return try Self.receiptOfNothing(checked.rejected) }
        }
        do {
            try await log.appendToSpool(checked.events, deadline: deadline)
        } catch {
            throw unavailable(checked.events.count)
        }
        spooledEvents.increment(by: checked.events.count)
        return Receipt(accepted: checked.events.count, rejected: checked.rejected, durability: "spool")
    }

    /// Sorts the good events from the bad. Pure.
    static func check(_ request: EventRequest, grant: Grant, receivedAt: Timestamp) -> CheckedEvents {
        let mayReportAll = grant.scopes.contains(.writeAnyEvents)
        let skewMs = EventLimits.skew(sentAt: request.sentAt, receivedAt: receivedAt)
        var checked = CheckedEvents()
        checked.reserveCapacity(request.drafts.count)
        for draft in request.drafts {
            do {
                var event = try draft.event.get()
                event.receivedAt = receivedAt
                event.skewMs = skewMs
                try event.validateArrival()
                if mayReportAll || grant.member == event.memberId { checked.accept(event) } else { checked.reject(.otherMember) }
            } catch {
                checked.reject(error)
            }
        }
        return checked
    }

    /// - Throws: unless nothing was sent.
    private static func receiptOfNothing(_ rejected: [Rejection]) throws(Problem) -> Receipt {
        guard rejected.isEmpty else { throw nothingAccepted(rejected) }
        return Receipt(accepted: 0, rejected: [])
    }

    private static func nothingAccepted(_ rejected: [Rejection]) -> Problem {
        guard !rejected.allSatisfy({ $0.type == Rejection.otherMember }) else {
            return .forbidden("The token may report what its own member watched only; it needs the scope events:write:any for others.")
        }
        let isOne = rejected.count == 1
        let mayBeTakenLater = rejected.contains(where: \.retryable)
        return Problem(
            mayBeTakenLater ? .serviceUnavailable : .unprocessableContent, type: "no-event-accepted",
            detail: isOne ? rejected[0].detail : "None of the \(rejected.count) events was accepted; the first: \(rejected[0].detail)",
            headers: mayBeTakenLater ? [.retryAfter: "1"] : [:],
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
