import Models
import Wire

/// A page of history, of which a part may be live and a part compacted.
struct HistoryPage: Sendable {
    let member: OpaqueID
    let filter: HistoryReader.Filter
    let cursor: HistoryCursor?
    let limit: Int

    /// Chunks that one statement reads: a page seldom needs more than one, and one that looks for a rare title all of them.
    private static let chunksAtOnce: (first: Int64, then: Int64) = (2, 8)

    /// - Returns: nil where something was compacted or brought back meanwhile: read it again.
    /// - Throws: ``PostgresError``
    func read(from runner: any QueryRunner) async throws(PostgresError) -> [StoredSession]? {
        let place: [PostgresValue] = [
            .text(member.text), .int8(Int64(limit)), .timestamp(cursor?.startedAt ?? .max), .text(cursor?.sessionId.text ?? ""),
            .timestamp(filter.from ?? .min), .timestamp(filter.to ?? .max),
        ]
        let query = filter.titleId.map { HistorySQL.titlePage(place + [.text($0.text)]) } ?? HistorySQL.page(place)
        let live = try await runner.run(query)
        let sessions = try StoredSession.all(live)
        // Nothing of the member was ever compacted, or nothing that began so late.
        guard let epoch = live.int8(0, StoredSession.columnCount), let through = live.timestamp(0, StoredSession.columnCount + 1),
            sessions.count < limit || sessions[sessions.count - 1].summary.startedAt <= through
        else { return sessions }
        if let title = filter.titleId {
            // Chunks are read for it only where it is in one.
            let found = try await runner.run(HistorySQL.compactedTitle(.text(member.text), .text(title.text)))
            guard found.int8(0, 0) == epoch else { return nil }
            guard let page = found.bytes(0, 1), try BookmarkTable.bookmarks(page).contains(where: { $0.titleId == title }) else {
                return sessions
            }
        }
        return try await merge(sessions, with: runner, epoch: epoch)
    }

    private func merge(
        _ live: [StoredSession], with runner: any QueryRunner, epoch: Int64
    ) async throws(PostgresError) -> [StoredSession]? {
        var sessions = live
        // What is older than a full page of live sessions is not on it.
        let oldest = max(filter.from ?? .min, live.count < limit ? .min : live[live.count - 1].summary.startedAt)
        let place = past
        var hidden: HiddenUntil?
        var before: (newest: Timestamp, id: Int64) = (.max, .max)
        var wanted = Self.chunksAtOnce.first
        while true {
            let result = try await runner.run(
                HistorySQL.chunks(
                    .text(member.text), .int8(wanted), .timestamp(before.newest), .int8(before.id), .timestamp(oldest),
                    .timestamp(place?.startedAt ?? .max)))
            guard result.int8(0, 0) == epoch else { return nil }
            let hidesSome = result.bool(0, 1) == true
            // Only as many as may be shown, unless some of those are left out.
            let shown = hidesSome || filter.titleId != nil ? .max : limit
            let chunks = try StoredChunk.all(result, from: 2, ChunkSelection(past: place, oldest: oldest, limit: shown))
            guard let last = chunks.last else { break }
            if hidesSome, hidden == nil {
                // Read after the rows: what is hidden by then is left out, or was in neither case.
                hidden = HiddenUntil(try HistoryRow.all(await runner.run(HistorySQL.hidden(.text(member.text)))))
            }
            sessions += chunks.flatMap(\.sessions).filter { isOfTitle($0) && hidden?.hides($0) != true }.map(StoredSession.init)
            // None of the chunks that were not read has anything later than this.
            if chunks.count < wanted || sessions.count(where: { $0.summary.startedAt > last.newest }) >= limit { break }
            before = (last.newest, last.id)
            wanted = Self.chunksAtOnce.then
        }
        sessions.sort { left, right in
            if left.summary.startedAt != right.summary.startedAt { return left.summary.startedAt > right.summary.startedAt }
            return right.sessionId < left.sessionId
        }
        return Array(sessions.prefix(limit))
    }

    private func isOfTitle(_ session: CompactedSession) -> Bool {
        filter.titleId.map { $0 == session.summary.titleId } ?? true
    }

    /// Where the page begins: at the cursor, or at the end of the time that is asked for, whatever is later in the order of history.
    private var past: ChunkSelection.HistoryPlace? {
        let end = filter.to.map { ChunkSelection.HistoryPlace(startedAt: $0, sessionId: "") }
        guard let cursor else { return end }
        if let end, end.startedAt <= cursor.startedAt { return end }
        return ChunkSelection.HistoryPlace(startedAt: cursor.startedAt, sessionId: cursor.sessionId)
    }
}
