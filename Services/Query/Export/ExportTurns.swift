import BlockingClient
import Models

/// How many exports of one member run at a time: each holds a connection for as long as its client reads, and there are few.
final class ExportTurns: Sendable {
    private static let ofOneMember = 2

    private let running = LockedValue<[OpaqueID: Int]>([:])

    /// One export, until its last reference goes.
    final class Turn: Sendable {
        private let turns: ExportTurns
        private let member: OpaqueID

        fileprivate init(_ turns: ExportTurns, _ member: OpaqueID) {
            self.turns = turns
            self.member = member
        }

        deinit { turns.end(member) }
    }

    /// - Returns: nil where the member has as many already.
    func take(for member: OpaqueID) -> Turn? {
        let isFree = running.withLock { running in
            guard running[member, default: 0] < Self.ofOneMember else { return false }
            running[member, default: 0] += 1
            return true
        }
        return isFree ? Turn(self, member) : nil
    }

    private func end(_ member: OpaqueID) {
        running.withLock { running in
            running[member] = running[member].flatMap { $0 > 1 ? $0 - 1 : nil }
        }
    }
}
