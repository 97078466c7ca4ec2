import BlockingClient
import Models

/// The routing table that this edge follows at the moment.
final class RouteInUse: Sendable {
    private let state: LockedValue<(table: RoutingTable, hasShadowed: Bool)>

    init(_ table: RoutingTable) {
        state = LockedValue((table, table.hasShadow))
    }

    var current: RoutingTable { state.withLock { $0.table } }

    /// Whether a table was followed by which copies had to be made.
    var hasShadowed: Bool { state.withLock { $0.hasShadowed } }

    func follow(_ next: RoutingTable) {
        state.withLock { state in
            state.table = next
            state.hasShadowed = state.hasShadowed || next.hasShadow
        }
    }
}
