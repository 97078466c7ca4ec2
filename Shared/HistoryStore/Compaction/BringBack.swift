import Models
import Wire

/// Makes compacted sessions rows again, as they were, for events that came late.
struct BringBack: Sendable {
    let connection: PostgresConnection

    /// Sessions that are not compacted are passed over: somebody else may have been faster, or have erased the member.
    /// - Returns: how many are rows again.
    /// - Throws: ``PostgresError``; nothing has changed then, unless the answer to the COMMIT was lost.
    func run(_ ids: Set<OpaqueID>, of member: OpaqueID) async throws(PostgresError) -> Int {
        var count = 0
        let holding = ChunkTable.holding(.text(member.text), .int4s(ids.map { StoredChunk.hash(of: $0) }))
        try await connection.alone(with: member, reading: [holding]) { results throws(PostgresError) in
            let chunks = try StoredChunk.all(results[0]).filter { chunk in chunk.sessions.contains { ids.contains($0.sessionId) } }
            count = chunks.reduce(0) { $0 + $1.sessions.count { ids.contains($0.sessionId) } }
            return chunks.isEmpty ? [] : try await remove(ids, of: member, from: chunks)
        }
        return count
    }

    private func remove(
        _ ids: Set<OpaqueID>, of member: OpaqueID, from chunks: [StoredChunk]
    ) async throws(PostgresError) -> [PostgresQuery] {
        let all = chunks.flatMap(\.sessions)
        let back = all.filter { ids.contains($0.sessionId) }
        var queries = [ChunkTable.remove(.text(member.text), .int8s(chunks.map(\.id)))]
        for chunk in chunks {
            let left = chunk.sessions.filter { !ids.contains($0.sessionId) }
            queries += ChunkPieces.divide(left).map { ChunkTable.insert($0, of: member) }
        }
        let scan = ChunkScan(of: member, besides: chunks.map(\.id), over: connection)
        queries += try await CompactedRest(kept: all.filter { !ids.contains($0.sessionId) }, scan: scan).queries(without: back)
        let writes = back.map {
            SessionWrite(key: SessionKey(memberId: member, sessionId: $0.sessionId), state: $0.state, condition: .absent(epoch: nil))
        }
        queries.append(SessionTable.insertAlone(SessionTable.parameters(of: writes)))
        queries.append(MemberEpoch.raise(.text(member.text), .timestamp(nil)))
        return queries
    }
}

/// What becomes of bookmarks and sums where sessions are no longer compacted.
struct CompactedRest: Sendable {
    /// Of the chunks that are written anew or removed, what stays.
    let kept: [CompactedSession]
    /// All other chunks.
    let scan: ChunkScan

    /// - Parameter gone: the sessions; what they are to the sums is subtracted.
    func queries(without gone: [CompactedSession]) async throws(PostgresError) -> [PostgresQuery] {
        var queries: [PostgresQuery] = []
        if let write = try await bookmarks(without: gone) { queries.append(write) }
        let summaries = gone.map(\.summary)
        let here = Set(kept.map { TitleDay(of: $0.summary) })
        let elsewhere = try await scan.viewed(Set(summaries.map { TitleDay(of: $0) }).subtracting(here))
        return queries + ViewingTable.add(Viewing.of(summaries, besideViewingOf: here.union(elsewhere)).mapValues { -$0 })
    }

    /// Only titles whose bookmark is one of those that go: it takes a look through all chunks to know the next.
    /// - Returns: nil where no bookmark changes.
    func bookmarks(without gone: [CompactedSession]) async throws(PostgresError) -> PostgresQuery? {
        let titles = Set(gone.map(\.summary.titleId))
        var pages = try BookmarkTable.pages(
            in: await scan.connection.run(BookmarkTable.pages(.text(scan.member.text), .texts(titles.map(\.text)))))
        let ids = Set(gone.map(\.sessionId))
        let changed = titles.filter { title in pages[title].all.contains { ids.contains($0.sessionId) } }
        let elsewhere = try await scan.bookmarks(of: changed)
        for title in changed { pages[title] = elsewhere[title] ?? TitleBookmarks() }
        for session in kept where changed.contains(session.summary.titleId) {
            pages[session.summary.titleId].note(TitleBookmark(sessionId: session.sessionId, session.summary))
        }
        return BookmarkTable.write(pages, of: scan.member)
    }
}
