import CLibPQ
import Foundation

/// libpq in pipeline mode over one connection, from connecting to its end. Blocks; ``PostgresConnection`` gives it a thread.
///
/// Source: PostgreSQL documentation, "libpq — Pipeline Mode".
final class PipelineSession {
    private let connection: OpaquePointer
    private var prepared: Set<String> = []

    /// Connects, and bounds what a lost client could leave behind at the server.
    /// - Throws: ``PostgresError``
    init(_ configuration: PostgresConfiguration, name: String) throws(PostgresError) {
        // What stands after dbname overrides what the URL says, what stands before it is overridden.
        let parameters: [(String, String)] = [
            ("target_session_attrs", configuration.needsWrites ? "read-write" : "any"),
            ("connect_timeout", String(max(configuration.connectTimeout.components.seconds, 2))),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("dbname", configuration.url),
            ("application_name", name), ("client_encoding", "UTF8"),
        ]
        let opened = Self.withCStrings(parameters.map(\.0)) { keywords in
            Self.withCStrings(parameters.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let opened else { throw PostgresError(.connection, "out of memory") }
        connection = opened
        guard PQstatus(connection) == CONNECTION_OK else { throw failure() }
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else { throw failure() }
        _ = try run([Self.settings(configuration)], timeout: configuration.connectTimeout)
    }

    deinit { PQfinish(connection) }

    /// See ``PostgresConnection/run(_:)-([PostgresQuery])``.
    func run(_ queries: [PostgresQuery], timeout: Duration) throws(PostgresError) -> [PostgresResult] {
        let deadline = ContinuousClock.now + timeout
        var results: [PostgresResult] = []
        var firstError: PostgresError?
        for outcome in try receive(send(queries), deadline: deadline) {
            switch outcome {
            case .success(let result): results.append(result)
            case .failure(let error): firstError = firstError ?? error
            case nil: break
            }
        }
        guard let firstError else { return results }
        // An explicit BEGIN outlives the pipeline that failed.
        if PQtransactionStatus(connection) == PQTRANS_INERROR { try rollBack(deadline: deadline) }
        throw firstError
    }

    /// See ``PostgresConnection/runEach(_:deadline:)``.
    func runEach(_ queries: [PostgresQuery], deadline: ContinuousClock.Instant) throws(PostgresError) -> [Outcome] {
        try receive(send(queries), deadline: deadline)
    }

    /// Multi-statement scripts are not allowed in pipeline mode, so it is left for the time.
    func runScript(_ sql: String, timeout: Duration) throws(PostgresError) {
        let deadline = ContinuousClock.now + timeout
        guard PQexitPipelineMode(connection) == 1, PQsendQuery(connection, sql) == 1 else { throw failure() }
        var firstError: PostgresError?
        while let result = try nextResult(deadline: deadline) {
            firstError = firstError ?? Self.error(of: result, failure: failure)
            PQclear(result)
        }
        guard PQenterPipelineMode(connection) == 1 else { throw failure() }
        if let firstError { throw firstError }
    }

    /// Of one query; nil where it was not run, as one before it failed.
    typealias Outcome = Result<PostgresResult, PostgresError>?

    /// Sends queries and a sync.
    private func send(_ queries: [PostgresQuery]) throws(PostgresError) -> [Step] {
        // A statement may stand twice in one pipeline: it is prepared with the first.
        var preparing: Set<String> = []
        var steps: [Step] = []
        steps.reserveCapacity(queries.count)
        for query in queries {
            let statement = query.statement
            if !prepared.contains(statement.name), preparing.insert(statement.name).inserted {
                try sendPrepare(statement, types: query.parameters.map(\.type.rawValue))
                steps.append(.prepare(statement.name))
            }
            try send(query)
            steps.append(.query)
        }
        guard PQpipelineSync(connection) == 1 else { throw failure() }
        return steps
    }

    /// What the server is to know of this client. As a statement, so that it has a deadline like any other.
    private static func settings(_ configuration: PostgresConfiguration) -> PostgresQuery {
        // The server gives up shortly before the client does, so that nothing runs on for a client that is gone.
        let timeout = max(configuration.requestTimeout.components.seconds * 1000 - 500, 500)
        var settings = [
            "statement_timeout": String(timeout), "idle_in_transaction_session_timeout": String(timeout), "synchronous_commit": "on",
            "timezone": "UTC",
            // What libpq would write to standard error.
            "client_min_messages": "warning",
            // Statements are short: compiling one takes longer than running it.
            "jit": "off",
            // A statement must see what was committed while its transaction waited for a lock.
            "default_transaction_isolation": "read committed",
        ]
        settings.merge(configuration.plans.settings) { $1 }
        settings.merge(configuration.schema.settings) { $1 }
        let calls = settings.sorted { $0.key < $1.key }.map { "set_config('\($0.key)', '\($0.value)', false)" }
        return PostgresStatement(name: "session_settings", sql: "SELECT \(calls.joined(separator: ", "))")()
    }

    private enum Step {
        case prepare(String)
        case query
    }

    private func rollBack(deadline: ContinuousClock.Instant) throws(PostgresError) {
        guard PQsendQueryParams(connection, "ROLLBACK", 0, nil, nil, nil, nil, 1) == 1, PQpipelineSync(connection) == 1 else {
            throw failure()
        }
        _ = try receive([.query], deadline: deadline)
    }

    private func sendPrepare(_ statement: PostgresStatement, types: [Oid]) throws(PostgresError) {
        guard PQsendPrepare(connection, statement.name, statement.sql, Int32(types.count), types) == 1 else { throw failure() }
    }

    private func send(_ query: PostgresQuery) throws(PostgresError) {
        let lengths = query.parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: query.parameters.count)
        // One buffer for all values, so that all pointers into it are valid at once. An empty value needs a pointer too: nil is NULL.
        var buffer: [UInt8] = []
        buffer.reserveCapacity(query.parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        let offsets: [Int?] = query.parameters.map { parameter in
            guard let bytes = parameter.bytes else { return nil }
            defer { buffer += bytes }
            return buffer.count
        }
        buffer.append(0)
        let sent = buffer.withUnsafeBytes { bytes in
            let values = offsets.map { offset in offset.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return PQsendQueryPrepared(connection, query.statement.name, Int32(values.count), values, lengths, formats, 1)
        }
        guard sent == 1 else { throw failure() }
    }

    /// Reads the results of all steps up to the sync, even past an error: the connection must stay in step with the server.
    private func receive(_ steps: [Step], deadline: ContinuousClock.Instant) throws(PostgresError) -> [Outcome] {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(steps.count)
        // A statement that cannot be prepared is its query's error.
        var prepareError: PostgresError?
        for step in steps {
            var outcome: Outcome = prepareError.map { .failure($0) }
            while let raw = try nextResult(deadline: deadline) {
                let status = PQresultStatus(raw)
                if let error = Self.error(of: raw, failure: failure) {
                    PQclear(raw)
                    if error.kind == .connection { throw error }
                    outcome = .failure(error)
                } else if status == PGRES_PIPELINE_ABORTED {
                    PQclear(raw)
                } else if case .prepare(let name) = step {
                    prepared.insert(name)
                    PQclear(raw)
                } else {
                    outcome = .success(PostgresResult(owning: raw))
                }
            }
            if case .prepare = step {
                if case .failure(let error) = outcome { prepareError = error }
            } else {
                prepareError = nil
                outcomes.append(outcome)
            }
        }
        let sync = try nextResult(deadline: deadline)
        defer { PQclear(sync) }
        guard PQresultStatus(sync) == PGRES_PIPELINE_SYNC else { throw PostgresError(.connection, "out of step with the server") }
        return outcomes
    }

    /// nil separates the results of one statement from those of the next.
    private func nextResult(deadline: ContinuousClock.Instant) throws(PostgresError) -> OpaquePointer? {
        while true {
            let unsent = PQflush(connection)
            guard unsent >= 0 else { throw failure() }
            if PQisBusy(connection) == 0 { return PQgetResult(connection) }
            try waitForSocket(writing: unsent > 0, deadline: deadline)
            guard PQconsumeInput(connection) == 1 else { throw failure() }
        }
    }

    private func waitForSocket(writing: Bool, deadline: ContinuousClock.Instant) throws(PostgresError) {
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { throw PostgresError(.connection, "no answer within the request timeout") }
            var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN | (writing ? POLLOUT : 0)), revents: 0)
            let ready = poll(&descriptor, 1, Int32(min(left.rounded(.up), 1_000_000)))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw PostgresError(.connection, "poll: errno \(errno)") }
        }
    }

    private func failure() -> PostgresError {
        PostgresError(.connection, Self.trimmed(PQerrorMessage(connection)))
    }

    private static func error(of result: OpaquePointer?, failure: () -> PostgresError) -> PostgresError? {
        guard let result else { return failure() }
        guard PQresultStatus(result) == PGRES_FATAL_ERROR else { return nil }
        let message = trimmed(PQresultErrorField(result, Int32(UInt8(ascii: "M"))) ?? PQresultErrorMessage(result))
        // A lost connection has no SQLSTATE.
        guard let sqlState = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else { return PostgresError(.connection, message) }
        return PostgresError(.server(sqlState: String(cString: sqlState)), message)
    }

    private static func trimmed(_ message: UnsafePointer<CChar>?) -> String {
        message.map { String(cString: $0).split(whereSeparator: \.isNewline).joined(separator: "; ") } ?? "unknown failure"
    }

    /// A NULL-terminated array of C strings.
    private static func withCStrings<Result>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies.map { $0.map { UnsafePointer($0) } } + [nil])
    }
}
