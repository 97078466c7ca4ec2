import BlockingClient
import Logging
import Models
import ServiceKit

/// Keeps the routing table on disk, on a thread of its own: a disk that hangs must not keep the edge from following.
actor RouteKeeper {
    /// On `/readyz`.
    private static let part = "route file"

    private struct State {
        var wanted: RoutingTable?
        var kept: RoutingTable?
        var isWriting = false
    }

    private let file: RouteFile
    private let readiness: Readiness
    private let logger: Logger
    private let executor = ThreadExecutor(name: "route-file")
    private nonisolated let state = LockedValue(State())

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(file: RouteFile, readiness: Readiness, logger: Logger) {
        self.file = file
        self.readiness = readiness
        self.logger = logger
    }

    deinit { executor.stop() }

    /// Returns at once. Ask it again and again: what could not be written is tried once more.
    nonisolated func keep(_ table: RoutingTable) {
        let begins = state.withLock { state in
            state.wanted = table
            guard !state.isWriting, state.kept != table else { return false }
            state.isWriting = true
            return true
        }
        if begins { Task { await write() } }
    }

    private func write() {
        guard let table = state.withLock(\.wanted) else { return }
        do {
            try file.write(table)
            readiness.works(Self.part, logger: logger)
            state.withLock { $0.kept = table }
        } catch {
            readiness.fails(Self.part, "\(error)", isDegradedOnly: true, logger: logger)
        }
        state.withLock { $0.isWriting = false }
    }
}
