import EventStream
import Synchronization

/// Which partitions this replica reads now.
final class Membership: Sendable {
    private struct State {
        var live: Set<String> = []
        /// nil until the live replicas are known.
        var preferred: [Int]?
        var stragglers: [Int] = []
    }

    let replica: String
    private let partitions: Int
    private let state = Mutex(State())

    init(replica: String, partitions: Int) {
        self.replica = replica
        self.partitions = partitions
    }

    /// The partitions that rendezvous hashing gives this replica.
    var preferred: [Int] { state.withLock { $0.preferred ?? [] } }

    /// Partitions whose entries wait too long for whoever prefers them.
    var stragglers: [Int] { state.withLock { $0.stragglers } }

    /// - Returns: whether other replicas live now than before.
    @discardableResult
    func update(live: [String]) -> Bool {
        let preferred = PartitionPreference.partitions(of: replica, among: live, count: partitions)
        return state.withLock { state in
            defer {
                state.preferred = preferred
                state.live = Set(live)
            }
            return state.live != Set(live)
        }
    }

    /// Where the live replicas cannot be found out, this one counts itself alone.
    func updateUnknown() {
        if state.withLock({ $0.preferred == nil }) { update(live: [replica]) }
    }

    func update(stragglers: [Int]) {
        state.withLock { $0.stragglers = stragglers }
    }
}
