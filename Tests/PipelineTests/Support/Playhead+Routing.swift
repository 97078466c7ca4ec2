import EventStream
import Foundation
import Models
import TestSupport

extension Playhead {
    /// Changes the routing and waits until the edges follow it.
    func route(_ arguments: String...) async throws {
        try await eventually("it is changed") {
            let ending = try await run(["route"] + arguments)
            if ending.status == 0 || ending.errors.contains("changed, but within") { return true }
            // Once more changes nothing, where it was changed and the answer is lost.
            guard ending.errors.contains("no answer in time") else { throw NotInTime(description: "route: \(ending)") }
            return false
        }
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
