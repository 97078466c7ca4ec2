import BlockingClient
import CLibPQ
import Logging

/// One connection to PostgreSQL in pipeline mode, with a thread of its own for libpq.
///
/// It connects when it is first used and again after a failure, no sooner than ``ReconnectGate`` allows. A failure of the
/// connection leaves open whether a COMMIT under way was carried out: send only what may be repeated.
public actor PostgresConnection {
    private let executor: ThreadExecutor
    private let configuration: PostgresConfiguration
    private let name: String
    private let logger: Logger
    private var session: PipelineSession?
    private var gate = ReconnectGate()

    nonisolated var schema: PostgresConfiguration.Schema { configuration.schema }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter name: shown as `application_name` in pg_stat_activity and by debuggers.
    public init(_ configuration: PostgresConfiguration, name: String, logger: Logger) {
        self.configuration = configuration
        self.name = name
        self.logger = logger
        executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    /// Sends statements in one go and waits for all of their results: one round trip.
    ///
    /// Without `PostgresQuery.begin` the statements are one transaction all the same, as PostgreSQL has it for a pipeline. When one
    /// fails, none after it is run and the transaction is rolled back.
    /// - Throws: ``PostgresError``
    public func run(_ queries: [PostgresQuery]) throws(PostgresError) -> [PostgresResult] {
        try withSession { session throws(PostgresError) in try session.run(queries, timeout: configuration.requestTimeout) }
    }

    /// Sends one statement.
    /// - Throws: ``PostgresError``
    public func run(_ query: PostgresQuery) throws(PostgresError) -> PostgresResult {
        try run([query])[0]
    }

    /// Sends statements in one go, of which none changes anything: those that follow one that fails are not run.
    /// - Parameter deadline: of all of them.
    /// - Returns: what became of each; nil where it was not run.
    /// - Throws: ``PostgresError``, where there is no outcome of any.
    func runEach(_ queries: [PostgresQuery], deadline: ContinuousClock.Instant) throws(PostgresError) -> [PipelineSession.Outcome] {
        try withSession { session throws(PostgresError) in try session.runEach(queries, deadline: deadline) }
    }

    /// Makes sure of a connection.
    /// - Returns: why there is none.
    func connect() -> PostgresError? {
        do throws(PostgresError) {
            _ = try connected()
            return nil
        } catch {
            return error
        }
    }

    /// Runs work on the connection's thread, after what came before it. It costs no task.
    nonisolated func perform(_ work: @escaping @Sendable (isolated PostgresConnection) -> Void) {
        executor.perform { self.assumeIsolated { work($0) } }
    }

    /// Runs a script of several statements without parameters, for migrations.
    /// - Throws: ``PostgresError``
    public func runScript(_ sql: String) throws(PostgresError) {
        try withSession { session throws(PostgresError) in try session.runScript(sql, timeout: configuration.requestTimeout) }
    }

    /// Leaves the server. The next statement connects again.
    public func close() {
        session = nil
    }

    private func withSession<Result>(
        _ body: (PipelineSession) throws(PostgresError) -> Result
    ) throws(PostgresError) -> Result {
        let session = try connected()
        do {
            return try body(session)
        } catch {
            if error.kind == .connection {
                self.session = nil
                report(error)
            }
            throw error
        }
    }

    private func connected() throws(PostgresError) -> PipelineSession {
        if let session { return session }
        guard gate.isOpen() else { throw PostgresError(.backingOff, "no connection to PostgreSQL") }
        do {
            let session = try PipelineSession(configuration, name: name)
            self.session = session
            if gate.succeeded() { logger.notice("connected to PostgreSQL again", metadata: ["connection": "\(name)"]) }
            return session
        } catch {
            report(error)
            throw error
        }
    }

    private func report(_ error: PostgresError) {
        if gate.failed() {
            logger.warning("lost PostgreSQL, reconnecting with backoff", metadata: ["connection": "\(name)", "error": "\(error)"])
        }
    }
}
