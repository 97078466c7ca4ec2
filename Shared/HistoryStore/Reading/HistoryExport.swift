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
    private var sessions = ExportMerge()
    private var hidden = HiddenUntil()
    /// The sessions that titles' bookmarks come from.
    private var bookmarked: Set<OpaqueID> = []

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
            if !hasBegun { try await begin() }
            var rows: [Row] = []
            rows.reserveCapacity(Self.portion)
            while rows.count < Self.portion, let row = try await nextRow() { rows.append(row) }
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
    private func begin() async throws(PostgresError) {
        let member = PostgresValue.text(member.text)
        let giveUp = ContinuousClock.now + lease.patience
        while true {
            do throws(PostgresError) {
                let results = try await lease.connection.run([
                    Self.begin(), Self.declareRows(member), Self.declareChunks(member),
                    withStates ? HistorySQL.hidden(member) : HistorySQL.continueWatching(member),
                ])
                let rows = try HistoryRow.all(results[3])
                hidden = HiddenUntil(rows)
                if !withStates { bookmarked = Set(TitleBookmark.all(in: rows, hidden).map(\.sessionId)) }
                hasBegun = true
                return
            } catch let error where [.connection, .backingOff].contains(error.kind) && ContinuousClock.now < giveUp {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func nextRow() async throws(PostgresError) -> Row? {
        while let missing = sessions.missing {
            switch missing {
            case .rows: sessions.add(rows: try rows(in: await lease.connection.run(Self.fetchRows())))
            case .chunk:
                let chunk = try StoredChunk.all(await lease.connection.run(Self.fetchChunk())).first
                sessions.add(chunk: chunk.map { chunk in (chunk.newest, chunk.sessions.filter { !hidden.hides($0) }) })
            }
        }
        guard let session = sessions.takeFirst() else { return nil }
        return Row(
            session: StoredSession(session), isBookmark: bookmarked.contains(session.sessionId), state: withStates ? session.state : nil)
    }

    private func rows(in result: PostgresResult) throws(PostgresError) -> [CompactedSession] {
        var sessions: [CompactedSession] = []
        sessions.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            let id = OpaqueID(try PostgresResult.required(result.text(row, 0), "session_id"))
            let revision = try PostgresResult.required(result.int8(row, 1), "revision")
            do {
                let state = try WireSessionState.decode(PostgresResult.required(result.bytes(row, 2), "state"))
                sessions.append(CompactedSession(sessionId: id, revision: revision, state: state))
            } catch {
                throw PostgresError(.unexpectedResult, "playback_session.state at revision \(revision): \(error)")
            }
        }
        return sessions
    }

    private static let begin = PostgresStatement(name: "export_begin", sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    private static let fetchRows = PostgresStatement(name: "export_fetch", sql: "FETCH \(portion) FROM history_export")
    private static let fetchChunk = PostgresStatement(name: "export_fetch_chunk", sql: "FETCH 1 FROM history_export_chunk")
    private static let declareRows = PostgresStatement(
        name: "export_rows",
        sql: """
            DECLARE history_export NO SCROLL CURSOR FOR
            SELECT s.session_id, s.revision, s.state FROM playback_session s
            WHERE s.member_id = $1 AND \(VisibleSessions.condition("s", member: "$1")) ORDER BY s.started_at DESC, s.session_id DESC
            """)
    private static let declareChunks = PostgresStatement(
        name: "export_chunks",
        sql: """
            DECLARE history_export_chunk NO SCROLL CURSOR FOR
            SELECT \(StoredChunk.columns("c")) FROM history_chunk c WHERE c.member_id = $1 ORDER BY c.newest DESC, c.id DESC
            """)
}
