import Models
import Wire

/// Looks through a member's chunks a few at a time, as there may be thousands. In a transaction that nobody else of the member shares.
struct ChunkScan: Sendable {
    /// Some 5,000 sessions.
    private static let portion: Int32 = 16

    let connection: PostgresConnection
    let member: OpaqueID
    /// The ids of chunks that are left out.
    let besides: [Int64]
    /// Whether chunks that cannot be read are passed over.
    let skipsUnreadable: Bool

    init(of member: OpaqueID, besides ids: [Int64], skippingUnreadable: Bool = false, over connection: PostgresConnection) {
        self.connection = connection
        self.member = member
        besides = ids
        skipsUnreadable = skippingUnreadable
    }

    /// Which of some titles the member viewed on which of some days.
    func viewed(_ days: Set<TitleDay>) async throws(PostgresError) -> Set<TitleDay> {
        guard let first = days.map(\.day).min(), let last = days.map(\.day).max() else { return [] }
        var found: Set<TitleDay> = []
        let oldest = first * TitleDay.milliseconds
        try await forEachChunk(overlapping: oldest...((last + 1) * TitleDay.milliseconds - 1)) { chunk in
            for session in chunk.sessions {
                let day = TitleDay(of: session.summary)
                if days.contains(day) { found.insert(day) }
            }
        }
        return found
    }

    /// The bookmarks of some titles.
    func bookmarks(of titles: Set<OpaqueID>) async throws(PostgresError) -> [OpaqueID: TitleBookmarks] {
        guard !titles.isEmpty else { return [:] }
        var found: [OpaqueID: TitleBookmarks] = [:]
        try await forEachChunk(overlapping: .min ... .max) { chunk in
            for session in chunk.sessions where titles.contains(session.summary.titleId) {
                found[session.summary.titleId, default: TitleBookmarks()].note(TitleBookmark(sessionId: session.sessionId, session.summary))
            }
        }
        return found
    }

    private func forEachChunk(overlapping times: ClosedRange<Timestamp>, _ look: (StoredChunk) -> Void) async throws(PostgresError) {
        var place: (newest: Timestamp, id: Int64) = (times.lowerBound, .min)
        while true {
            let result = try await connection.run(
                Self.read(
                    .text(member.text), .timestamp(place.newest), .int8(place.id), .timestamp(times.upperBound), .int8s(besides),
                    .int4(Self.portion)))
            for row in 0..<result.rowCount {
                do throws(PostgresError) {
                    look(try StoredChunk(result, row: row))
                } catch {
                    if !skipsUnreadable { throw error }
                }
            }
            guard result.rowCount == Int(Self.portion), let id = result.int8(result.rowCount - 1, 0),
                let newest = result.timestamp(result.rowCount - 1, 2)
            else { return }
            place = (newest, id)
        }
    }

    private static let read = PostgresStatement(
        name: "chunk_scan",
        sql: """
            SELECT \(StoredChunk.columns("c")) FROM history_chunk c
            WHERE c.member_id = $1 AND (c.newest, c.id) > ($2, $3) AND c.oldest <= $4 AND c.id <> ALL($5::int8[])
            ORDER BY c.newest, c.id LIMIT $6
            """)
}
