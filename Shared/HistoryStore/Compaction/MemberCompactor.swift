import Models
import Wire

/// Moves a member's sessions that rest from `playback_session` into chunks.
///
/// The rows go, the chunk comes, the bookmarks, the sums and the epoch change in one transaction under the member's lock: a crash anywhere
/// leaves a session in one of the two places, and once in every sum.
public struct MemberCompactor: Sendable {
    /// Which sessions rest.
    public enum Due: Sendable, Hashable {
        /// Those that were not written for so long, by the database's clock.
        case unwritten(Duration)
        /// Those whose last event is from before a time.
        case endedBefore(Timestamp)
    }

    public struct Outcome: Sendable, Hashable {
        public var sessions = 0
        /// Older than is kept: removed.
        public var expired = 0
        /// Of the rows, without their indexes.
        public var rowBytes: Int64 = 0
        /// Written, those in place of others included.
        public var chunks = 0
        /// Of the chunks that were written less those that were replaced.
        public var chunkBytes: Int64 = 0

        public init() {}

        public static func += (left: inout Outcome, right: Outcome) {
            left.sessions += right.sessions
            left.expired += right.expired
            left.rowBytes += right.rowBytes
            left.chunks += right.chunks
            left.chunkBytes += right.chunkBytes
        }
    }

    let connection: PostgresConnection
    /// Sessions that ended before are removed in place of being kept.
    let keptSince: Timestamp?
    private let afterTransaction: @Sendable (Outcome) async -> Void
    /// For tests, who want many chunks of few sessions.
    private let chunkBytes: Int

    /// - Parameters:
    ///   - connection: for this compactor alone, as its transactions take several round trips.
    ///   - keptSince: milliseconds since 1970; nil to keep everything.
    ///   - afterTransaction: is awaited after each one that did something.
    public init(
        connection: PostgresConnection, keptSince: Timestamp? = nil,
        afterTransaction: @escaping @Sendable (Outcome) async -> Void = { _ in }
    ) {
        self.init(connection: connection, keptSince: keptSince, chunkBytes: ChunkPieces.targetBytes, afterTransaction: afterTransaction)
    }

    init(
        connection: PostgresConnection, keptSince: Timestamp? = nil, chunkBytes: Int,
        afterTransaction: @escaping @Sendable (Outcome) async -> Void = { _ in }
    ) {
        self.connection = connection
        self.chunkBytes = chunkBytes
        self.keptSince = keptSince
        self.afterTransaction = afterTransaction
    }

    /// Returns once none of the member's sessions is due, or the task is cancelled.
    /// - Throws: ``PostgresError``; compacting again goes on where it stopped.
    public func compact(_ member: OpaqueID, _ due: Due) async throws(PostgresError) -> Outcome {
        var total = Outcome()
        var place = HistoryPlace.beginning
        while let begin = place.next, !Task.isCancelled {
            let (next, outcome) = try await compactNext(member, due, after: begin)
            total += outcome
            if outcome != Outcome() { await afterTransaction(outcome) }
            place = next
        }
        return total
    }

    /// Where among the member's sessions, by `startedAt` and id, the next transaction begins.
    fileprivate enum HistoryPlace {
        case beginning
        case after(CompactedSession)
        case end

        var next: (startedAt: Timestamp, sessionId: OpaqueID)? {
            switch self {
            case .beginning: (.min, "")
            case .after(let session): (session.summary.startedAt, session.sessionId)
            case .end: nil
            }
        }
    }

    /// One transaction.
    struct Step: Sendable {
        fileprivate var next = HistoryPlace.end
        var outcome = Outcome()
        /// To be sent with the COMMIT.
        var queries: [PostgresQuery] = []
    }

    private func compactNext(
        _ member: OpaqueID, _ due: Due, after place: (startedAt: Timestamp, sessionId: OpaqueID)
    ) async throws(PostgresError) -> (HistoryPlace, Outcome) {
        var step = Step()
        let read = RestingRow.read(of: member, due, keptSince: keptSince, after: place)
        try await connection.alone(with: member, reading: [read]) { results throws(PostgresError) in
            step = try await self.step(of: member, due, with: results[0])
            return step.queries
        }
        return (step.next, step.outcome)
    }

    /// - Parameter result: of ``RestingRow/read(of:_:keptSince:after:)``, in the transaction that has the lock.
    func step(of member: OpaqueID, _ due: Due, with result: PostgresResult) async throws(PostgresError) -> Step {
        var step = Step()
        var rows: [RestingRow] = []
        for row in 0..<result.rowCount { rows.append(try RestingRow(result, row)) }
        if rows.count == RestingRow.batch, let last = rows.last { step.next = .after(last.session) }
        // Sessions of hundreds of runs are large.
        var bytes: Int64 = 0
        if let cut = rows.firstIndex(where: { row in
            bytes += row.bytes
            return bytes > RestingRow.batchBytes
        }), cut > 0 {
            rows.removeSubrange(cut...)
            step.next = .after(rows[cut - 1].session)
        }
        rows.removeAll { !isDue($0, due) }
        guard let first = rows.first else { return step }
        let target = try ChunkTarget(
            await connection.run(ChunkTable.slot(.text(member.text), .timestamp(first.session.summary.startedAt))), chunkBytes: chunkBytes)
        // Those that belong into a later chunk have a transaction of their own.
        let group = rows.prefix { row in target.limit.map { row.session.summary.startedAt <= $0 } ?? true }
        if group.count < rows.count, let last = group.last { step.next = .after(last.session) }
        step.queries = try await move(Array(group), of: member, into: target.chunk, &step.outcome)
        return step
    }

    private func isDue(_ row: RestingRow, _ due: Due) -> Bool {
        if isExpired(row.session) { return true }
        guard case .endedBefore(let time) = due else { return row.isUnwritten }
        return row.session.state.endedAt < time
    }

    private func isExpired(_ session: CompactedSession) -> Bool {
        keptSince.map { session.state.endedAt < $0 } ?? false
    }

    private func move(
        _ group: [RestingRow], of member: OpaqueID, into target: StoredChunk?, _ outcome: inout Outcome
    ) async throws(PostgresError) -> [PostgresQuery] {
        let sessions = group.map(\.session)
        let kept = sessions.filter { !isExpired($0) }
        let former = target?.sessions ?? []
        let here = Set(former.map { TitleDay(of: $0.summary) })
        let scan = ChunkScan(of: member, besides: target.map { [$0.id] } ?? [], over: connection)
        let elsewhere = try await scan.viewed(Set(sessions.map { TitleDay(of: $0.summary) }).subtracting(here))
        let viewing = Viewing.of(sessions.map(\.summary), besideViewingOf: here.union(elsewhere))
        var pages = try BookmarkTable.pages(
            in: await connection.run(BookmarkTable.pages(.text(member.text), .texts(kept.map(\.summary.titleId.text)))))
        for session in kept { pages[session.summary.titleId].note(TitleBookmark(sessionId: session.sessionId, session.summary)) }
        let pieces = kept.isEmpty ? [] : ChunkPieces.divide((former + kept).sorted(by: CompactedSession.precedes), targetBytes: chunkBytes)

        outcome.sessions = kept.count
        outcome.expired = sessions.count - kept.count
        outcome.rowBytes = group.reduce(0) { $0 + $1.bytes }
        outcome.chunks = pieces.count
        outcome.chunkBytes = pieces.reduce(0) { $0 + Int64($1.bytes.count) } - (pieces.isEmpty ? 0 : Int64(target?.byteCount ?? 0))
        var queries = [RestingRow.remove(.text(member.text), .texts(sessions.map(\.sessionId.text)))]
        if let target, !pieces.isEmpty { queries.append(ChunkTable.remove(.text(member.text), .int8s([target.id]))) }
        queries += pieces.map { ChunkTable.insert($0, of: member) }
        if let write = BookmarkTable.write(pages, of: member) { queries.append(write) }
        queries += ViewingTable.add(viewing)
        queries.append(MemberEpoch.raise(.text(member.text), .timestamp(sessions.map(\.summary.startedAt).max())))
        return queries
    }
}

/// Where sessions go.
private struct ChunkTarget {
    /// nil where a new one is due.
    var chunk: StoredChunk?
    /// What is later belongs into another chunk; nil where there is no later one.
    var limit: Timestamp?

    /// - Parameter found: of ``ChunkTable/slot``.
    init(_ found: PostgresResult, chunkBytes: Int) throws(PostgresError) {
        guard found.rowCount > 0 else { return }
        let stored = try StoredChunk(found, row: 0, from: 1)
        if found.int4(0, 0) == 0 {
            chunk = stored
            limit = stored.newest
        } else if stored.byteCount < chunkBytes * 3 / 4 {
            // What follows a full one begins another.
            chunk = stored
        }
    }
}
