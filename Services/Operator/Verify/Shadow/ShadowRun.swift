import EventStream
import HistoryStore
import Models
import ServiceKit

/// Goes through both histories once and compares them.
struct ShadowRun: Sendable {
    struct Options: Sendable {
        /// How long a session must not have been written.
        var settle: Duration
        /// Sessions a second, so that the comparison does not disturb what it looks at.
        var rate: Int
        /// Sessions that began before, in milliseconds since 1970, are left out.
        var since: Timestamp = 0
    }

    /// A copy may take two seconds to fail, and the edge a second to say so.
    static let leastSettle = Duration.seconds(5)

    /// Sessions of one look.
    private static let batch = 200

    let pairs: ShadowPairs
    let schema: ShadowSchema
    let routes: RouteStore
    let edges: EdgeLedger
    /// Of the shadow's streams.
    let inspector: StreamInspector
    let keptSince: @Sendable () -> Timestamp?
    var options: Options

    /// - Throws: ``ConfigurationError``, ``RedisError`` for a bad URL.
    init(_ context: OperatorContext, options: Options) async throws {
        let configuration = context.configuration
        let redis = try context.redis()
        let history = try context.postgres()
        pairs = ShadowPairs(history: history, shadow: try context.postgres(schema: .shadow))
        schema = ShadowSchema(connection: history)
        routes = RouteStore(connection: redis)
        edges = EdgeLedger(connection: redis)
        inspector = StreamInspector(
            topology: StreamTopology(partitions: try await context.topology(over: redis).partitions, kind: .shadow),
            connection: try context.shadowRedis())
        keptSince = { configuration.historyKeptSince() }
        self.options = options
    }

    /// - Parameter progress: is told the report as it grows.
    /// - Throws: ``PostgresError``, ``RedisError``
    func run(progress: (ShadowReport) -> Void = { _ in }) async throws -> ShadowReport {
        try await requireSchema()
        var report = ShadowReport()
        let began = ContinuousClock.now
        var after: SessionKey?
        var done = 0
        var history = RouteHistory([])
        var version = -1
        while true {
            let looked = ContinuousClock.now
            let uncertainty = try await uncertainty()
            // Asked before the sessions are read: what is applied meanwhile was unapplied then.
            let backlogMs = try await oldestCopyMs()
            let (portion, last, now) = try await pairs.next(after: after, since: options.since, limit: Self.batch)
            guard let last else { break }
            let current = try await routes.current()?.version ?? 0
            if current != version { (history, version) = (RouteHistory(try await routes.changes()), current) }
            let judge = ShadowJudge(
                routes: history,
                settledBefore: now - max(Int64(options.settle / .milliseconds(1)), backlogMs + ShadowJudge.margin),
                copiesAreUncertain: uncertainty != nil, keptSince: keptSince())
            report.uncertainty = report.uncertainty ?? uncertainty
            try await judgeAll(portion, by: judge, &report)
            after = last
            done += portion.count
            report.seconds = (ContinuousClock.now - began) / .seconds(1)
            progress(report)
            // What is left out costs a look at its key: at most half of the time goes into looking.
            let pause = max(Double(done) / Double(options.rate) - report.seconds, (ContinuousClock.now - looked) / .seconds(1))
            if pause > 0 { try await Task.sleep(for: .seconds(pause)) }
        }
        report.seconds = (ContinuousClock.now - began) / .seconds(1)
        return report
    }

    /// - Throws: where there is nothing to compare with.
    func requireSchema() async throws {
        guard try await schema.exists() else { throw CommandFailure("there is no schema shadow: playhead migrate --shadow makes it") }
    }

    /// What differs is read once more: the two were not read in the same moment.
    private func judgeAll(_ portion: [ShadowPair], by judge: ShadowJudge, _ report: inout ShadowReport) async throws {
        var doubtful: [SessionKey] = []
        for pair in portion {
            let verdict = judge.verdict(on: pair)
            if verdict.isMismatch { doubtful.append(pair.key) } else { report.add(verdict, of: pair.key) }
        }
        for pair in try await pairs.pairs(of: doubtful) { report.add(judge.verdict(on: pair), of: pair.key) }
    }

    /// Why a copy that is missing may be one that was not made.
    private func uncertainty() async throws -> String? {
        let version = try await routes.current()?.version ?? 0
        for edge in try await edges.edges() {
            let isBehind = edge.report.routeVersion < version
            // One that does not know yet whom it has to shadow makes no copies. It told within a second that it began to, and what begins so soon
            // after that is not compared.
            if !edge.isLive, isBehind || edge.report.hasShadowed {
                return
                    "edge \(edge.name) has told nothing for \(edge.ageMs / 1000) s; if it is gone for good: playhead route forget \(edge.name)"
            }
            if isBehind { return "edge \(edge.name) follows an older routing table" }
            let untold = edge.report.untoldSessions
            if untold > 0 { return "edge \(edge.name) still has to tell of \(untold) sessions" }
        }
        return nil
    }

    /// How long ago the oldest copy that is not applied was made, in milliseconds.
    private func oldestCopyMs() async throws -> Int64 {
        try await inspector.partitions(group: StreamKind.shadow.group).compactMap(\.oldestUnappliedAgeMs).max() ?? 0
    }
}
