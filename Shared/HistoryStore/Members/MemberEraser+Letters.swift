import Models
import Wire

/// What an erased member has among the dead letters that hold events of several.
extension MemberEraser {
    /// Entries that were set aside whole may hold events of others, who keep theirs.
    func removeFromLargerLetters(_ member: OpaqueID, _ erasure: Int64) async throws(PostgresError) {
        // The member's id as field 1 of an event: protobuf's "Encoding" page.
        let id = Array(member.text.utf8)
        let field = [0x0a] + Self.varint(id.count) + id
        var after: Int64 = 0
        while true {
            let found = try await pool.run([Self.findLarger(.bytes(field), .int8(after))])[0]
            guard found.rowCount > 0 else { return }
            for row in 0..<found.rowCount {
                after = try PostgresResult.required(found.int8(row, 0), "id")
                guard let payload = found.bytes(row, 1) else { continue }
                let kept = Self.withoutEvents(of: member, field: field, payload)
                // The bytes of the id can stand for something else.
                if kept == payload { continue }
                try await alone(with: member, [Self.replaceLarger(.text(member.text), .int8(erasure), .int8(after), .bytes(kept))])
            }
        }
    }

    /// - Returns: nil where nothing is left. What is no batch at all cannot be divided, and goes.
    private static func withoutEvents(of member: OpaqueID, field: [UInt8], _ payload: [UInt8]) -> [UInt8]? {
        var events: [PlaybackEvent] = []
        guard let refused = try? WireEvents.decode(payload, into: &events) else { return nil }
        let others = events.filter { $0.memberId != member }
        let othersRefused = refused.map(\.payload).filter { !$0.contains(field) }
        if others.count == events.count, othersRefused.count == refused.count { return payload }
        // Two batches one after the other are the batch of both.
        let kept = (others.isEmpty ? [] : WireEvents.encode(others)) + othersRefused.joined()
        return kept.isEmpty ? nil : kept
    }

    private static func varint(_ number: Int) -> [UInt8] {
        number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7f | 0x80), UInt8(number >> 7)]
    }

    /// A stretch of them, as there may be many: those without the member have no payload here.
    private static let findLarger = PostgresStatement(
        name: "erase_find_larger",
        sql: """
            SELECT id, CASE WHEN position($1 IN payload) > 0 THEN payload END
            FROM dead_letter WHERE member_id IS NULL AND id > $2 ORDER BY id LIMIT 500
            """)
    private static let replaceLarger = PostgresStatement(
        name: "erase_replace_larger",
        sql: """
            WITH gone AS (DELETE FROM dead_letter WHERE id = $3 AND \(isBeingErased) RETURNING *)
            INSERT INTO dead_letter (content_hash, stream, entry_id, reason, payload, created_at)
            SELECT sha256($4), stream, entry_id, reason, $4, created_at FROM gone WHERE $4 IS NOT NULL
            ON CONFLICT (content_hash) DO NOTHING
            """)
}
