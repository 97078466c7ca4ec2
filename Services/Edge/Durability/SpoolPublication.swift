import EventStream
import Spool

/// Tells operators, through Redis, what this edge has in its spool.
actor SpoolPublication {
    private let spool: Spool
    private let ledger: SpoolLedger
    /// Folders that were removed, until Redis knows.
    private var gone: Set<String> = []

    init(spool: Spool, ledger: SpoolLedger) {
        self.spool = spool
        self.ledger = ledger
    }

    /// - Throws: ``RedisError``
    func publish() async throws(RedisError) {
        gone.formUnion(spool.takeRemovedFolders())
        let told = gone
        try await ledger.publish({ [spool] in spool.contents }, removing: told)
        gone.subtract(told)
    }
}
