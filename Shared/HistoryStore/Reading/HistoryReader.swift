import Models
import Wire

/// Reads of viewing history.
public struct HistoryReader: Sendable {
    /// What of a member's history is wanted.
    public struct Filter: Sendable, Hashable {
        public var titleId: OpaqueID?
        /// from ≤ startedAt
        public var from: Timestamp?
        /// startedAt < to
        public var to: Timestamp?

        public init(titleId: OpaqueID? = nil, from: Timestamp? = nil, to: Timestamp? = nil) {
            self.titleId = titleId
            self.from = from
            self.to = to
        }
    }

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// A page of history, newest `startedAt` first, then greater sessionId.
    /// - Parameter cursor: where the page begins; nil for the first.
    /// - Returns: the sessions, and where the next page begins; nil on the last.
    /// - Throws: ``PostgresError``
    public func history(
        of member: OpaqueID, filter: Filter, after cursor: HistoryCursor?, limit: Int
    ) async throws(PostgresError) -> (sessions: [StoredSession], next: HistoryCursor?) {
        let query = HistorySQL.page(
            .text(member.text), .text(filter.titleId?.text), .timestamp(filter.from ?? .min), .timestamp(filter.to ?? .max),
            .timestamp(cursor?.startedAt ?? .max), .text(cursor?.sessionId.text ?? ""), .int8(Int64(limit) + 1))
        var sessions = try await sessions(query)
        // One more than asked for tells whether there is a next page.
        guard sessions.count > limit else { return (sessions, nil) }
        sessions.removeLast()
        return (sessions, sessions.last.map { HistoryCursor(startedAt: $0.summary.startedAt, sessionId: $0.sessionId) })
    }

    /// The session that a title's bookmark comes from; nil for a title never played.
    /// - Throws: ``PostgresError``
    public func bookmark(of member: OpaqueID, title: OpaqueID) async throws(PostgresError) -> StoredSession? {
        try await sessions(HistorySQL.bookmark(.text(member.text), .text(title.text))).first
    }

    /// The bookmarks of titles not completed, newest `lastWatchedAt` first.
    /// - Throws: ``PostgresError``
    public func continueWatching(of member: OpaqueID, limit: Int) async throws(PostgresError) -> [StoredSession] {
        try await sessions(HistorySQL.continueWatching(.text(member.text), .int8(Int64(limit))))
    }

    /// One session with the runs of `seq` that it was made of.
    /// - Throws: ``PostgresError``
    public func session(_ key: SessionKey) async throws(PostgresError) -> (session: StoredSession, sequenceRuns: [ClosedRange<Int64>])? {
        let result = try await pool.read([HistorySQL.session(.text(key.memberId.text), .text(key.sessionId.text))])[0]
        guard result.rowCount > 0 else { return nil }
        let session = try StoredSession(result, row: 0)
        do {
            let state = try WireSessionState.decode(PostgresResult.required(result.bytes(0, HistorySQL.stateColumn), "state"))
            return (session, state.sequenceRuns)
        } catch let error as UndecodableError {
            throw PostgresError(.unexpectedResult, "playback_session.state at revision \(session.revision): \(error)")
        } catch {
            throw error as? PostgresError ?? PostgresError(.unexpectedResult, "\(error)")
        }
    }

    private func sessions(_ query: PostgresQuery) async throws(PostgresError) -> [StoredSession] {
        let result = try await pool.read([query])[0]
        var sessions: [StoredSession] = []
        sessions.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount { sessions.append(try StoredSession(result, row: row)) }
        return sessions
    }
}
