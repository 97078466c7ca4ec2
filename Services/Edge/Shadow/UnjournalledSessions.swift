import BlockingClient
import Models

/// Sessions of which a copy was not made, and that stand in no journal: where there is none, or where its disk does not answer.
final class UnjournalledSessions: Sendable {
    private struct State {
        var keys: Set<SessionKey> = []
        var hasOverflowed = false
    }

    private let state = LockedValue(State())
    private let limit: Int

    /// - Parameter limit: how many are remembered, some 200 bytes each.
    init(limit: Int = 50_000) {
        self.limit = limit
    }

    func insert(_ keys: some Sequence<SessionKey>) {
        state.withLock { state in
            for key in keys where state.keys.count < limit || state.keys.contains(key) { state.keys.insert(key) }
            state.hasOverflowed = state.hasOverflowed || !keys.allSatisfy(state.keys.contains)
        }
    }

    /// Some of them, which stay until they are ``remove(_:)``d.
    func some(_ count: Int) -> [SessionKey] { state.withLock { Array($0.keys.prefix(count)) } }

    /// They are noted elsewhere.
    func remove(_ keys: [SessionKey]) { state.withLock { $0.keys.subtract(keys) } }

    /// How many are still to be noted; never 0 once there were more than are remembered: nobody can tell of those any more.
    var count: Int { state.withLock { $0.keys.count + ($0.hasOverflowed ? 1 : 0) } }
}
