import EventStream
import Foundation
import Models
import TestSupport

extension Playhead {
    /// On a machine that does everything at once an edge may be slow, and that is no failure.
    static let patient = [
        "PLAYHEAD_SYNC_TIMEOUT_MS": "15000", "PLAYHEAD_REQUEST_TIMEOUT_MS": "15000", "PLAYHEAD_STREAM_TIMEOUT_MS": "10000",
    ]

    /// Changes the routing and waits until the edges follow it.
    func route(_ arguments: String...) async throws {
        let ending = try await run(["route"] + arguments)
        guard ending.status == 0 || ending.errors.contains("changed, but within") else { throw NotInTime(description: "route: \(ending)") }
        try await untilFollowed()
    }

    /// Waits until every edge that runs follows the table as it stands. The command waits for those only that told something lately.
    private func untilFollowed() async throws {
        let version = try await RouteStore(connection: redis.connection("route")).current()?.version ?? 0
        for edge in running(.edge) {
            try await eventually("it follows version \(version)") { try await followedVersion(of: edge) >= Double(version) }
        }
    }

    /// Changes the routing without a process.
    func route(_ change: @escaping (inout RoutingTable) -> Void) async throws {
        _ = try await RouteStore(connection: redis.connection("route")).change(by: "test", change)
    }

    /// The version of the routing table that an edge follows.
    func followedVersion(of edge: RunningService? = nil) async throws -> Double {
        try await (edge ?? self[.edge]).metric("playhead_edge_route_version")
    }
}
