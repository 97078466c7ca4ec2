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
    /// The body of a 200 or 202.
    struct Receipt: Encodable, Sendable, Hashable {
        var accepted: Int
        var rejected: [Rejection]
        /// Where the accepted events are on disk; of several places that from which they have the longest way to go.
        var durability = "stream"
        /// All of them can be read already.
        var isInDatabase: Bool { durability == "database" }
    }

    /// Taken off the time that a request has: a sweep of what waits, and the way to the client.
    private static let answerTime = Duration.milliseconds(50)

    private let log: DurableLog
    private let synchronous: SynchronousPath
    private let counts: RequestCounts
    private let memberLimit: MemberLimit
    private let requestTimeout: Duration
    private let now: @Sendable () -> Timestamp
    private let acceptedEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "accepted")])
    private let spooledEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "spooled")])
    private let databaseEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "database")])
    private let rejectedEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "rejected")])
    private let putOffEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "put_off")])
    private let unavailableEvents = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "unavailable")])

    /// - Parameter requestTimeout: from the arrival of a request's body to its answer.
    init(
        log: DurableLog, synchronous: SynchronousPath, counts: RequestCounts, memberLimit: MemberLimit, requestTimeout: Duration,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.log = log
        self.synchronous = synchronous
        self.counts = counts
        self.memberLimit = memberLimit
        self.requestTimeout = requestTimeout
        self.now = now
    }

    /// Returns once every event that the receipt counts as accepted is on disk.
    /// - Parameters:
    ///   - grant: what the request may do.
    ///   - arrivedAt: when the body was there: what the deadline counts from.
    /// - Throws: ``Problem`` 422 when no event is good, 403 when all are of members that the token does not speak for; 503 when none is taken and
    ///   some may be later, or when one that is good cannot be made durable in time.
    func take(_ request: EventRequest, grant: Grant, arrivedAt: ContinuousClock.Instant = .now) async throws(Problem) -> Receipt {
        var checked = Self.check(request, grant: grant, receivedAt: now())
        if !checked.rejected.isEmpty { rejectedEvents.increment(by: checked.rejected.count) }
        if let admitted = memberLimit.admit(checked.events) {
            putOffEvents.increment(by: checked.putOff(.memberFlood) { !admitted[$1] })
        }
        guard !checked.events.isEmpty else { return try Self.receiptOfNothing(checked.rejected) }
        let split = synchronous.split(checked.events)
        guard !split.synchronous.isEmpty else { return try await takeAsynchronously(&checked, split, arrivedAt: arrivedAt) }
        var durability = "database"
        if !split.asynchronous.isEmpty {
            // First the part that waits for nobody.
            durability = try await takeAsynchronously(&checked, split, arrivedAt: arrivedAt).durability
        }
        try await takeSynchronously(split, arrivedAt: arrivedAt)
        return Receipt(accepted: checked.events.count, rejected: checked.rejected, durability: durability)
    }

    private func takeSynchronously(_ split: SynchronousPath.Split, arrivedAt: ContinuousClock.Instant) async throws(Problem) {
        do {
            try await synchronous.commit(split, arrivedAt: arrivedAt)
        } catch {
            counts.note(.synchronous, isAnswered: false)
            unavailableEvents.increment(by: split.synchronous.count)
            throw Self.notWritten
        }
        counts.note(.synchronous, isAnswered: true)
        databaseEvents.increment(by: split.synchronous.count)
    }

    /// - Returns: where the events are that go this way; it counts all that are taken as accepted.
    private func takeAsynchronously(
        _ checked: inout CheckedEvents, _ split: SynchronousPath.Split, arrivedAt: ContinuousClock.Instant
    ) async throws(Problem) -> Receipt {
        let deadline = Self.deadline(requestTimeout, from: arrivedAt)
        do {
            let receipt = try await makeDurable(&checked, split, deadline: deadline)
            counts.note(.asynchronous, isAnswered: true)
            return receipt
        } catch {
            counts.note(.asynchronous, isAnswered: false)
            throw error
        }
    }

    private func makeDurable(
        _ checked: inout CheckedEvents, _ split: SynchronousPath.Split, deadline: ContinuousClock.Instant
    ) async throws(Problem) -> Receipt {
        if await log.appendToStreams(split.asynchronous, deadline: deadline) {
            acceptedEvents.increment(by: split.asynchronous.count)
            return Receipt(accepted: checked.events.count, rejected: checked.rejected)
        }
        var events = split.asynchronous
        if log.spoolLevel == .essentials {
            putOffEvents.increment(
                by: checked.putOff(.backPressure) { event, _ in event.kind == .progress && !split.isSynchronous(event.memberId) })
            guard !checked.events.isEmpty else { return try Self.receiptOfNothing(checked.rejected) }
            events.removeAll { $0.kind == .progress }
            // What is left of the request goes the other way.
            guard !events.isEmpty else {
                return Receipt(accepted: checked.events.count, rejected: checked.rejected, durability: "database")
            }
        }
        do {
            try await log.appendToSpool(events, deadline: deadline)
        } catch {
            throw unavailable(events.count)
        }
        spooledEvents.increment(by: events.count)
        return Receipt(accepted: checked.events.count, rejected: checked.rejected, durability: "spool")
    }

    /// When a request must be decided on so that its answer arrives in time.
    static func deadline(_ timeout: Duration, from arrivedAt: ContinuousClock.Instant) -> ContinuousClock.Instant {
        arrivedAt + max(timeout - answerTime, timeout / 2)
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

    private static let notWritten = Problem(
        .serviceUnavailable, type: "not-written",
        detail: "The events could not be written in time; send the whole request again, which is harmless for those that already are.",
        headers: [.retryAfter: "1"])

    private func unavailable(_ count: Int) -> Problem {
        unavailableEvents.increment(by: count)
        return Problem(
            .serviceUnavailable, type: "not-durable",
            detail: "The events could not be made durable; send the whole request again, which is harmless for those that already are.",
            headers: [.retryAfter: "1"])
    }
}
