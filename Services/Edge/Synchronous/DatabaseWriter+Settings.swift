import HistoryStore
import Logging
import ServiceKit

extension DatabaseWriter {
    /// Made when it is needed: each connection has a thread, which an edge that writes nothing itself can do without.
    /// - Throws: ``ConfigurationError``
    static func onFirstUse(
        _ configuration: ServiceConfiguration, _ database: PostgresConfiguration, logger: Logger
    ) throws -> OnFirstUse<DatabaseWriter> {
        let (connections, waiting) = (try configuration.integer(.syncConnections), try configuration.integer(.syncWaiting))
        // A database that is away is told of by whoever writes.
        var quiet = logger
        quiet.logLevel = .critical
        return OnFirstUse { [quiet] in
            DatabaseWriter(
                appliers: (0..<connections).map { index in
                    SessionApplier(
                        connection: PostgresConnection(database, name: "playhead-edge-\(index)", logger: quiet), cacheBytes: 0,
                        keptSince: { configuration.historyKeptSince() }, keepsChanges: true, meetsOthers: true)
                }, maximalWaiting: waiting, logger: logger)
        }
    }
}
