import EventStream
import HistoryStore
import Models

/// Looks at everything that a ramp watches.
final class RampEyes {
    private let routes: RouteStore
    private let edges: EdgeLedger
    private let spools: SpoolLedger
    private let inspector: StreamInspector
    private let letters: DeadLetterStore
    private let interval: Duration
    private var meter = RequestMeter()
    private var lastLook = ContinuousClock.now

    init(context database: PostgresConnection, streams: OperatorStreams, routes: RouteStore, interval: Duration) {
        self.routes = routes
        self.interval = interval
        edges = EdgeLedger(connection: streams.connection)
        spools = SpoolLedger(connection: streams.connection)
        inspector = StreamInspector(topology: streams.topology, connection: streams.connection)
        letters = DeadLetterStore(connection: database)
    }

    /// Redis' clock, in milliseconds since 1970.
    func now() async throws -> Timestamp { try await inspector.now() }

    /// Nothing was seen since the last look.
    func blink() { lastLook = .now }

    /// Without what is compared.
    /// - Throws: ``RedisError``; a database that is away is a number that is not known.
    func look() async throws -> RampObservation {
        let table = try await routes.current() ?? .initial
        let live = try await edges.edges().filter(\.isLive)
        let requests = meter.note(live)
        let delay = try await inspector.partitions(group: StreamKind.events.group).compactMap(\.oldestUnappliedAgeMs).max() ?? 0
        let spooled = try await spools.folders().reduce(0) { $0 + $1.events }
        let count = try? await letters.count()
        // A look that took long, or a process that was stopped, has not watched all that time.
        let elapsed = min(ContinuousClock.now - lastLook, interval * 2)
        lastLook = .now
        return RampObservation(
            async: table.async.slots, shadow: table.shadow.slots, liveEdges: live.count,
            edgesBehind: live.count { $0.report.routeVersion < table.version }, applyDelayMs: delay, spooledEvents: spooled,
            requests: requests.requests, failedRequests: requests.failed, deadLetters: count.map { Int64($0) }, comparison: nil,
            elapsedMs: Int64(elapsed / .milliseconds(1)), now: try await now())
    }
}
