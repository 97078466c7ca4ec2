import Models

/// Notes, beside the list of sessions that the shadow must have too, of which a copy is missing.
public struct ShadowNotes: Sendable {
    private let connection: PostgresConnection

    /// - Parameter connection: to the history.
    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// Notes that not every event of these sessions was copied, or that nobody can tell. Noting it again is harmless.
    /// - Throws: ``PostgresError``
    public func noteNotCopied(_ keys: [SessionKey]) async throws(PostgresError) {
        guard !keys.isEmpty else { return }
        // Each once and in order: two edges must not wait for each other in a circle.
        let keys = Set(keys).sorted()
        _ = try await connection.run([
            .begin, SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of(keys.map(\.memberId)))),
            Self.note(.texts(keys.map(\.memberId.text)), .texts(keys.map(\.sessionId.text))), .commit,
        ])
    }

    /// The commit that the note is about may come after it, or never.
    private static let note = PostgresStatement(
        name: "shadow_note_not_copied",
        sql: """
            INSERT INTO shadowed_session (member_id, session_id, began_at, not_copied)
            SELECT u.member_id, u.session_id, 'infinity', true
            FROM (SELECT unnest($1::text[]) AS member_id, unnest($2::text[]) AS session_id) AS u
            WHERE NOT EXISTS (SELECT FROM erasure_of(u.member_id))
            ON CONFLICT (member_id, session_id) DO UPDATE SET not_copied = true WHERE NOT shadowed_session.not_copied
            """)
}
