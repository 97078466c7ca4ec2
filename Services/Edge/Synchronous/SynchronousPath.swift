import Logging
import Models
import ServiceKit

/// Writes the history of members that are routed so, before their requests are answered.
struct SynchronousPath: Sendable {
    /// The events of one request by their ways.
    struct Split: Sendable {
        fileprivate(set) var asynchronous: [PlaybackEvent]
        fileprivate(set) var synchronous: [PlaybackEvent] = []
        /// Of the synchronous ones, those to be copied.
        fileprivate(set) var shadowed: [PlaybackEvent] = []
        fileprivate let table: RoutingTable

        func isSynchronous(_ member: OpaqueID) -> Bool { table.route(of: member).isSynchronous }
    }

    /// On `/readyz`.
    static let part = "postgres"

    let routes: RouteInUse
    let writer: OnFirstUse<DatabaseWriter>
    let copier: ShadowCopier
    /// From the arrival of a request's body to its answer.
    let timeout: Duration
    let readiness: Readiness
    let logger: Logger

    /// By one version of the routing table, whatever comes meanwhile.
    func split(_ events: [PlaybackEvent]) -> Split {
        let table = routes.current
        guard !table.isAllAsync else { return Split(asynchronous: events, table: table) }
        var split = Split(asynchronous: [], table: table)
        for event in events {
            let route = table.route(of: event.memberId)
            if route == .shadow { split.shadowed.append(event) }
            if route.isSynchronous { split.synchronous.append(event) } else { split.asynchronous.append(event) }
        }
        return split
    }

    /// Returns once all events that go this way are committed. Copies are made after that.
    func commit(_ split: Split, arrivedAt: ContinuousClock.Instant) async throws(DatabaseWriter.Failure) {
        let copy = split.shadowed.isEmpty ? nil : await copier.begin(split.shadowed)
        do {
            try await writer.value.commit(
                split.synchronous, shadowed: Set(split.shadowed.map(\.memberId)), deadline: EventIntake.deadline(timeout, from: arrivedAt))
        } catch {
            if let copy { if error.isBusy { copier.drop(copy) } else { copier.abandon(copy) } }
            // Those that are routed asynchronously are taken all the same.
            readiness.fails(Self.part, "\(error)", isDegradedOnly: true, logger: logger)
            throw error
        }
        if let copy { copier.copy(copy) }
        readiness.works(Self.part, logger: logger)
    }
}
