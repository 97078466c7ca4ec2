import ArgumentParser
import EventStream
import Foundation
import Models

/// Who changes the routing table, and the waiting for the edges that follow it.
struct ChangeAuthor: ParsableArguments {
    /// Edges follow within a second, and tell once a second that they do.
    private static let patience = Duration.seconds(5)

    @Option(help: ArgumentHelp("Who changes it, for the record; default: the user and the host.", valueName: "name"))
    var by = "\(NSUserName())@\(ProcessInfo.processInfo.hostName)"

    func validate() throws {
        do {
            try EventLimits.validate(id: by, "--by")
        } catch {
            throw ValidationError("\(error.detail)")
        }
    }

    /// Changes the table, prints what became of it, and waits until every edge follows.
    /// - Parameter isWhole: whether nothing stays that was before, but pins.
    func change(isWhole: Bool = false, _ update: (inout RoutingTable) throws -> Void) async throws {
        let redis = try OperatorContext().redis()
        let store = RouteStore(connection: redis)
        // Also of edges that cannot reach Redis at the moment.
        let followed = try await EdgeLedger(connection: redis).edges().map(\.report.routeVersion).max() ?? 0
        if !isWhole, followed > 0, try await store.current() == nil {
            throw CommandFailure(
                "Redis has lost the routing table, of which edges follow version \(followed): first set both --async and --shadow")
        }
        guard let change = try await store.change(by: by, above: followed, update) else {
            print("nothing to change: it is so already")
            return
        }
        print("version \(change.to.version): \(RouteReport.text(change.to))")
        let behind = try await edgesBehind(change.to.version, over: redis)
        guard behind.isEmpty else {
            throw CommandFailure(
                "changed, but within \(Self.patience.components.seconds) s not followed by: \(behind.joined(separator: ", "))")
        }
    }

    /// - Returns: the names of live edges that do not follow this version in time.
    private func edgesBehind(_ version: Int, over redis: RedisConnection) async throws -> [String] {
        let ledger = EdgeLedger(connection: redis)
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let edges = try await ledger.edges()
            let live = edges.filter(\.isLive)
            let behind = live.filter { $0.report.routeVersion < version }
            if behind.isEmpty {
                print("\(live.count) \(live.count == 1 ? "edge follows" : "edges follow") it")
                if try await RouteStore(connection: redis).current()?.hasShadow == true, live.contains(where: { !$0.report.makesCopies }) {
                    print("no copies are made by edges without PLAYHEAD_SHADOW_REDIS_URL: every session counts as not copied there")
                }
                for edge in edges where !edge.isLive {
                    print("edge \(edge.name) has told nothing for \(edge.ageMs / 1000) s: if it lives, it may follow an older table")
                }
                return []
            }
            guard ContinuousClock.now < deadline else { return behind.map(\.name) }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
