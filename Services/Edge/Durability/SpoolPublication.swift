import EventStream
import Spool

/// Tells operators, through Redis, what this edge has in its spool.
struct SpoolPublication: Sendable {
    let spool: Spool
    let ledger: SpoolLedger

    /// - Throws: ``RedisError``
    func publish() async throws(RedisError) {
        let leaving = spool.leavingFolders
        try await ledger.publish({ [spool] in spool.contents }, removing: leaving)
        spool.noteTold(leaving)
    }
}
