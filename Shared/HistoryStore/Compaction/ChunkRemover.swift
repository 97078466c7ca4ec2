import Models
import Wire

/// Removes whole chunks: of what is no longer kept, or of a member who is erased.
struct ChunkRemover: Sendable {
    let connection: PostgresConnection

    /// Removes chunks whose sessions all ended before a time. The sums over all members keep them: they tell of nobody.
    /// - Returns: how many sessions were removed; there may be more.
    /// - Throws: ``PostgresError``
    func removeExpired(of member: OpaqueID, endedBefore time: Timestamp) async throws(PostgresError) -> Int {
        var removed = 0
        try await connection.alone(with: member, reading: [Self.expired(.text(member.text), .timestamp(time))]) {
            results throws(PostgresError) in
            let chunks = try StoredChunk.all(results[0])
            guard !chunks.isEmpty else { return [] }
            let gone = chunks.flatMap(\.sessions)
            removed = gone.count
            var queries = [ChunkTable.remove(.text(member.text), .int8s(chunks.map(\.id)))]
            let rest = CompactedRest(kept: [], scan: ChunkScan(of: member, besides: chunks.map(\.id), over: connection))
            if let write = try await rest.bookmarks(without: gone) { queries.append(write) }
            queries.append(MemberEpoch.raise(.text(member.text), .timestamp(nil)))
            return queries
        }
        return removed
    }

    /// Removes some of an erased member's chunks, and what they are to the sums over all members. One that cannot be read goes all the same.
    /// - Parameter erasure: the number of the erasing that is gone on with.
    /// - Returns: whether there may be more.
    /// - Throws: ``PostgresError``
    func removeErased(of member: OpaqueID, erasure: Int64) async throws(PostgresError) -> Bool {
        var hasMore = false
        try await connection.alone(with: member, reading: [Self.newest(.text(member.text), .int8(erasure))]) {
            results throws(PostgresError) in
            let ids = (0..<results[0].rowCount).compactMap { results[0].int8($0, 0) }
            guard !ids.isEmpty else { return [] }
            hasMore = true
            let remove = ChunkTable.remove(.text(member.text), .int8s(ids))
            let gone = ids.indices.compactMap { try? StoredChunk(results[0], row: $0) }.flatMap(\.sessions).map(\.summary)
            let scan = ChunkScan(of: member, besides: ids, skippingUnreadable: true, over: connection)
            let elsewhere = try await scan.viewed(Set(gone.map { TitleDay(of: $0) }))
            return [remove] + ViewingTable.add(Viewing.of(gone, besideViewingOf: elsewhere).mapValues { -$0 })
        }
        return hasMore
    }

    private static let expired = PostgresStatement(
        name: "chunk_expired",
        sql: """
            SELECT \(StoredChunk.columns("c")) FROM history_chunk c
            WHERE c.member_id = $1 AND c.ended_at < $2 AND NOT EXISTS (SELECT FROM erasure_of($1))
            ORDER BY c.newest, c.id LIMIT 16
            """)
    private static let newest = PostgresStatement(
        name: "chunk_newest",
        sql: """
            SELECT \(StoredChunk.columns("c")) FROM history_chunk c
            WHERE c.member_id = $1 AND EXISTS (SELECT FROM erasure WHERE member_id = $1 AND number = $2)
            ORDER BY c.newest DESC LIMIT 16
            """)
}
