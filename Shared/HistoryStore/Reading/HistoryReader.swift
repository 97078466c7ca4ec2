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
    /// Compaction moves what has rested for long: twice in a row is rare.
    private static let attempts = 20

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
        let runner = limit <= Self.shortPage && filter.titleId == nil ? short : long
        // One more than asked for tells whether there is a next page.
        let page = HistoryPage(member: member, filter: filter, cursor: cursor, limit: limit + 1)
        var sessions: [StoredSession]?
        // Until nothing was compacted between the statements of one page.
        for _ in 0..<Self.attempts where sessions == nil { sessions = try await page.read(from: runner) }
        guard sessions != nil else {
            throw PostgresError(.overloaded, "the member's history was moved \(Self.attempts) times while it was read")
        }
        guard var sessions, sessions.count > limit else { return (sessions ?? [], nil) }
        sessions.removeLast()
        return (sessions, sessions.last.map { HistoryCursor(startedAt: $0.summary.startedAt, sessionId: $0.sessionId) })
    }

    /// A title's bookmark; nil for one never played.
    /// - Throws: ``PostgresError``
    public func bookmark(of member: OpaqueID, title: OpaqueID) async throws(PostgresError) -> TitleBookmark? {
        let parameters: [PostgresValue] = [.text(member.text), .text(title.text)]
        let result = try await short.run(HistorySQL.bookmark(parameters))
        guard let live = try StoredSession.all(result).first.map({ TitleBookmark(sessionId: $0.sessionId, $0.summary) }) else {
            return try await compactedBookmark(of: member, title: title)
        }
        // Most titles are watched last where they are live.
        guard let compacted = try Self.bookmarks(of: title, onPageIn: result), compacted.all.contains(where: { $0.precedes(live) }) else {
            return live
        }
        let until = try await short.run(HistorySQL.titleHiddenUntil(parameters)).timestamp(0, 0)
        return compacted.bookmark(hiddenUntil: until).flatMap { $0.precedes(live) ? $0 : nil } ?? live
    }

    /// Of a title that is not live, unless it has become so by now.
    private func compactedBookmark(of member: OpaqueID, title: OpaqueID) async throws(PostgresError) -> TitleBookmark? {
        let result = try await short.run(HistorySQL.compactedBookmark(.text(member.text), .text(title.text)))
        let live = try StoredSession.all(result).first.map { TitleBookmark(sessionId: $0.sessionId, $0.summary) }
        let until = result.timestamp(0, StoredSession.columnCount + 1)
        let compacted = try Self.bookmarks(of: title, onPageIn: result)?.bookmark(hiddenUntil: until)
        guard let live, let compacted else { return live ?? compacted }
        return compacted.precedes(live) ? compacted : live
    }

    private static func bookmarks(of title: OpaqueID, onPageIn result: PostgresResult) throws(PostgresError) -> TitleBookmarks? {
        guard let page = result.bytes(0, StoredSession.columnCount) else { return nil }
        return TitleBookmarks(try BookmarkTable.bookmarks(page).lazy.filter { $0.titleId == title })
    }

    /// The bookmarks of titles not completed, newest `lastWatchedAt` first.
    /// - Throws: ``PostgresError``
    public func continueWatching(of member: OpaqueID, limit: Int) async throws(PostgresError) -> [TitleBookmark] {
        let rows = try HistoryRow.all(await long.run(HistorySQL.continueWatching(.text(member.text))))
        let hidden = HiddenUntil(rows)
        let open = TitleBookmark.all(in: rows, hidden).filter { !$0.completed && !hidden.hidesRow($0) }
        return Array(open.sorted { $0.isLater(than: $1) }.prefix(limit))
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
        let result = try await short.run(
            HistorySQL.session(
                .text(key.memberId.text), .text(key.sessionId.text), .bool(evenIfHidden), .int4(StoredChunk.hash(of: key.sessionId))))
        // Being erased, or hidden.
        guard result.rowCount > 0 else { return nil }
        if let session = try StoredSession.all(result).first {
            let bytes = try PostgresResult.required(result.bytes(0, StoredSession.columnCount), "state")
            do {
                return (session, try WireSessionState.decode(bytes).sequenceRuns)
            } catch {
                throw PostgresError(.unexpectedResult, "playback_session.state at revision \(session.revision): \(error)")
            }
        }
        let chunks = try StoredChunk.all(result, from: StoredSession.columnCount + 2)
        guard let session = chunks.lazy.flatMap(\.sessions).first(where: { $0.sessionId == key.sessionId }) else { return nil }
        if result.bool(0, StoredSession.columnCount + 1) == true, !evenIfHidden {
            let until = try await short.run(HistorySQL.titleHiddenUntil(.text(key.memberId.text), .text(session.summary.titleId.text)))
            if let until = until.timestamp(0, 0), session.summary.lastWatchedAt <= until { return nil }
        }
        return (StoredSession(session), session.state.sequenceRuns)
    }
}
