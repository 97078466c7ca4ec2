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

    /// Pages of more sessions are no short read, nor are those of one title, which may be rare.
    private static let shortPage = 100

    private let short: any QueryRunner
    private let long: any QueryRunner

    /// - Parameters:
    ///   - short: for what reads few rows through an index.
    ///   - long: for what reads many, so that nothing short waits for it.
    public init(short: any QueryRunner, long: any QueryRunner) {
        self.short = short
        self.long = long
    }

    public init(pool: PostgresPool) {
        self.init(short: pool, long: pool)
    }

    /// A page of history, newest `startedAt` first, then greater sessionId.
    /// - Parameter cursor: where the page begins; nil for the first.
    /// - Returns: the sessions, and where the next page begins; nil on the last.
    /// - Throws: ``PostgresError``
    public func history(
        of member: OpaqueID, filter: Filter, after cursor: HistoryCursor?, limit: Int
    ) async throws(PostgresError) -> (sessions: [StoredSession], next: HistoryCursor?) {
        let place: [PostgresValue] = [
            .text(member.text), .int8(Int64(limit) + 1), .timestamp(cursor?.startedAt ?? .max), .text(cursor?.sessionId.text ?? ""),
            .timestamp(filter.from ?? .min), .timestamp(filter.to ?? .max),
        ]
        let query = filter.titleId.map { HistorySQL.titlePage(place + [.text($0.text)]) } ?? HistorySQL.page(place)
        var sessions = try await sessions(query, from: limit <= Self.shortPage && filter.titleId == nil ? short : long)
        // One more than asked for tells whether there is a next page.
        guard sessions.count > limit else { return (sessions, nil) }
        sessions.removeLast()
        return (sessions, sessions.last.map { HistoryCursor(startedAt: $0.summary.startedAt, sessionId: $0.sessionId) })
    }

    /// The session that a title's bookmark comes from; nil for a title never played.
    /// - Throws: ``PostgresError``
    public func bookmark(of member: OpaqueID, title: OpaqueID) async throws(PostgresError) -> StoredSession? {
        try await sessions(HistorySQL.bookmark(.text(member.text), .text(title.text)), from: short).first
    }

    /// The bookmarks of titles not completed, newest `lastWatchedAt` first.
    /// - Throws: ``PostgresError``
    public func continueWatching(of member: OpaqueID, limit: Int) async throws(PostgresError) -> [StoredSession] {
        try await sessions(HistorySQL.continueWatching(.text(member.text), .int8(Int64(limit))), from: long)
    }

    /// What a member has taken out, for those who are told of changes.
    public struct TakenOut: Sendable, Hashable {
        /// Until when sessions are left out, by title; nil for every title.
        public var hidden: [OpaqueID?: Timestamp] = [:]
        /// Of an erased member: changes of this revision and smaller ones are left out.
        public var erasedAt: Int64?

        public init() {}
    }

    /// - Throws: ``PostgresError``
    public func takenOut(of member: OpaqueID) async throws(PostgresError) -> TakenOut {
        let result = try await short.run(HistorySQL.takenOut(.text(member.text)))
        var taken = TakenOut()
        for row in 0..<result.rowCount {
            if let revision = result.int8(row, 2) {
                taken.erasedAt = revision
            } else {
                let title = try PostgresResult.required(result.text(row, 0), "title_id")
                taken.hidden[title.isEmpty ? nil : OpaqueID(title)] = result.timestamp(row, 1)
            }
        }
        return taken
    }

    /// A key that only this database has, the same for all who read it: to seal what is given to clients and comes back.
    /// - Throws: ``PostgresError``
    public func databaseSecret() async throws(PostgresError) -> [UInt8] {
        let result = try await short.run(HistorySQL.secret())
        return try PostgresResult.required(result.rowCount > 0 ? result.bytes(0, 0) : nil, "tombstone_key.key")
    }

    /// One session with the runs of `seq` that it was made of.
    /// - Parameter evenIfHidden: whether it is given where the member has hidden it.
    /// - Throws: ``PostgresError``
    public func session(
        _ key: SessionKey, evenIfHidden: Bool = false
    ) async throws(PostgresError) -> (session: StoredSession, sequenceRuns: [ClosedRange<Int64>])? {
        let result = try await short.run(HistorySQL.session(.text(key.memberId.text), .text(key.sessionId.text), .bool(evenIfHidden)))
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

    private func sessions(_ query: PostgresQuery, from runner: any QueryRunner) async throws(PostgresError) -> [StoredSession] {
        let result = try await runner.run(query)
        var sessions: [StoredSession] = []
        sessions.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount { sessions.append(try StoredSession(result, row: row)) }
        return sessions
    }
}
