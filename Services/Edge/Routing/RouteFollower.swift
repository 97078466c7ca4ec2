import BlockingClient
import CoreMetrics
import EventStream
import Logging
import Metrics
import Models
import ServiceKit
import ServiceLifecycle

/// Follows the routing table in Redis, and tells there what this edge does by it.
struct RouteFollower: Service {
    /// On `/readyz`.
    static let part = "route"
    /// A change must be followed within a second.
    private static let interval = Duration.milliseconds(250)
    private static let firstPatience = Duration.seconds(1)

    let name: String
    let inUse: RouteInUse
    /// nil where there is no disk to keep it on.
    let keeper: RouteKeeper?
    let store: RouteStore
    let ledger: EdgeLedger
    let report: @Sendable () -> EdgeReport
    let readiness: Readiness
    let logger: Logger

    /// Until Redis has told otherwise, the table that was known last; a fresh edge routes everybody the asynchronous way, as a fresh
    /// installation does. Mixing the ways is harmless.
    static func lastKnown(_ file: RouteFile?, logger: Logger) -> RoutingTable {
        do {
            return try file?.read() ?? .initial
        } catch {
            logger.error("cannot read the last routing table", metadata: ["error": "\(error)"])
            return .initial
        }
    }

    /// Looks once before anything is served, so that nobody goes by what was known before the start; not for long.
    func lookFirst() async {
        _ = await result(within: Self.firstPatience) {
            var followed: String?
            await look(&followed)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var followed: String?
            var nextReport = ContinuousClock.now
            while !Task.isCancelled {
                await look(&followed)
                if ContinuousClock.now >= nextReport {
                    nextReport = .now + EdgeLedger.interval
                    await tell()
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func look(_ followed: inout String?) async {
        let version = inUse.current.version
        // Where nobody is written synchronously, nobody finds out whether the database is back.
        if inUse.current.isAllAsync { readiness.works(SynchronousPath.part, logger: logger) }
        if !inUse.current.hasShadow { readiness.works(ShadowCopier.part, logger: logger) }
        do {
            guard let text = try await store.text() else {
                // Redis was emptied or replaced. To jump to the initial table by that would be a surprise.
                if version == 0 { readiness.works(Self.part, logger: logger) } else { note("Redis has no routing table any more") }
                return
            }
            if text != followed { follow(try RoutingTable(json: text)) }
            followed = text
            keeper?.keep(inUse.current)
            readiness.works(Self.part, logger: logger)
        } catch {
            note("\(error)")
        }
    }

    private func note(_ reason: String) {
        let version = inUse.current.version
        let consequence = version == 0 ? "everybody goes the asynchronous way" : "version \(version) is followed further"
        readiness.fails(Self.part, "\(reason); \(consequence)", isDegradedOnly: true, logger: logger)
    }

    private func follow(_ table: RoutingTable) {
        let former = inUse.current
        inUse.follow(table)
        Gauge(label: "playhead_edge_route_version").record(table.version)
        guard table != former else { return }
        logger.notice(
            "follows the routing table",
            metadata: [
                "version": "\(table.version)", "async": "\(table.async) %", "shadow": "\(table.shadow) %", "pins": "\(table.pins.count)",
            ])
    }

    private func tell() async {
        let report = report()
        Gauge(label: "playhead_edge_shadow_untold_sessions").record(report.untoldSessions)
        do {
            try await ledger.tell(report, of: name)
        } catch {
            logger.debug("no report", metadata: ["error": "\(error)"])
        }
    }
}
