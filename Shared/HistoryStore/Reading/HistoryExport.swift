import Models
import Wire

/// A member's whole visible history in one snapshot, newest first, a portion at a time: memory does not grow with the history.
///
/// It has a connection of a pool for as long as it is read.
public actor HistoryExport {
    /// A session with what only exports tell of it.
    public struct Row: Sendable {
        public var session: StoredSession
        /// Whether the title's bookmark comes from this session.
        public var isBookmark: Bool
        /// The fold's state, where it was asked for.
        public var state: SessionState?
    }

    /// Sessions of one portion.
    private static let portion = 500
    /// A snapshot that is held keeps PostgreSQL from cleaning up, and a connection from others.
    private static let maximalDuration = Duration.seconds(600)

    private let member: OpaqueID
    private let withStates: Bool
    private let lease: PostgresPool.Lease
    private let end = ContinuousClock.now + maximalDuration
    private var hasBegun = false
    private var hasEnded = false

    /// - Parameters:
    ///   - pool: whose connections may be held for as long as a client takes.
    ///   - withStates: whether the rows have the fold's state; `isBookmark` is false for all of them then.
    /// - Throws: ``PostgresError``
    public init(of member: OpaqueID, withStates: Bool, pool: PostgresPool) async throws(PostgresError) {
        self.member = member
        self.withStates = withStates
        lease = try await pool.lease()
    }

    /// - Returns: the next portion; nil at the end.
    /// - Throws: ``PostgresError``
    public func next() async throws(PostgresError) -> [Row]? {
        guard !hasEnded else { return nil }
        do throws(PostgresError) {
            guard ContinuousClock.now < end else {
                throw PostgresError(.overloaded, "the export was read for longer than \(Self.maximalDuration)")
            }
            guard let result = try await fetch() else { return nil }
            var rows: [Row] = []
            rows.reserveCapacity(result.rowCount)
            for row in 0..<result.rowCount { rows.append(try Self.row(result, row, withState: withStates)) }
            if rows.count < Self.portion {
                hasEnded = true
                _ = try await lease.connection.run(PostgresQuery.commit)
                lease.end()
            }
            return rows.isEmpty ? nil : rows
        } catch {
            // The transaction of a broken portion ends with its connection.
            hasEnded = true
            await lease.connection.close()
            lease.end()
            throw error
        }
    }

    /// At the beginning it tries again for a moment: the connection may have been idle while the server restarted.
    private func fetch() async throws(PostgresError) -> PostgresResult? {
        guard !hasBegun else { return try await lease.connection.run([Self.fetch()]).last }
        let declare = withStates ? Self.declareStates : Self.declareBookmarks
        let giveUp = ContinuousClock.now + lease.patience
        while true {
            do throws(PostgresError) {
                let result = try await lease.connection.run([Self.begin(), declare(.text(member.text)), Self.fetch()]).last
                hasBegun = true
                return result
            } catch let error where [.connection, .backingOff].contains(error.kind) && ContinuousClock.now < giveUp {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private static func row(_ result: PostgresResult, _ row: Int, withState: Bool) throws(PostgresError) -> Row {
        let session = try StoredSession(result, row: row)
        let column = StoredSession.columnCount
        guard withState else { return Row(session: session, isBookmark: result.bool(row, column) == true) }
        do {
            let state = try WireSessionState.decode(PostgresResult.required(result.bytes(row, column), "state"))
            return Row(session: session, isBookmark: false, state: state)
        } catch {
            throw PostgresError(.unexpectedResult, "playback_session.state at revision \(session.revision): \(error)")
        }
    }

    private static let begin = PostgresStatement(name: "export_begin", sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    private static let fetch = PostgresStatement(name: "export_fetch", sql: "FETCH \(portion) FROM history_export")
    private static let columns = StoredSession.columns("s")
    private static let from = """
        FROM playback_session s WHERE s.member_id = $1 AND \(VisibleSessions.condition("s", member: "$1"))
        ORDER BY s.started_at DESC, s.session_id DESC
        """
    private static let declareStates = PostgresStatement(
        name: "export_states", sql: "DECLARE history_export NO SCROLL CURSOR FOR SELECT \(columns), s.state \(from)")
    private static let declareBookmarks = PostgresStatement(
        name: "export_bookmarks",
        sql: """
            DECLARE history_export NO SCROLL CURSOR FOR
            SELECT \(columns), row_number() OVER (PARTITION BY s.title_id ORDER BY \(HistorySQL.bookmarkOrder)) = 1 \(from)
            """)
}
