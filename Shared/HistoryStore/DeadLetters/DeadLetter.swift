import Models
import Wire

/// Something that can never be applied, set aside with the reason.
public struct DeadLetter: Sendable, Hashable {
    public var stream: String
    public var entryID: String
    public var reason: String
    /// A `PlaybackEventBatch` wherever it is one: of one event that was refused, or a whole entry.
    public var payload: [UInt8]
    /// Whose event it is, where it is one event.
    public var key: SessionKey?
    /// Why PostgreSQL refused it.
    public var sqlState: String?

    public init(stream: String, entryID: String, reason: String, payload: [UInt8]) {
        self.stream = stream
        self.entryID = entryID
        self.reason = reason
        self.payload = payload
    }

    /// An event that the database refuses.
    public init(_ event: PlaybackEvent, stream: String, entryID: String, refusedBy error: PostgresError) {
        self.init(stream: stream, entryID: entryID, reason: error.message, payload: WireEvents.encode([event]))
        sqlState = error.sqlState
        key = event.key
    }

    private static let insertStatement = PostgresStatement(
        name: "dead_letter_insert",
        sql: """
            INSERT INTO dead_letter (content_hash, stream, entry_id, reason, payload, member_id, session_id, sql_state)
            SELECT sha256(u.payload), u.*
            FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[])
                AS u(stream, entry_id, reason, payload, member_id, session_id, sql_state)
            WHERE u.member_id IS NULL OR NOT EXISTS (SELECT FROM erasure_of(u.member_id))
            ON CONFLICT (content_hash) DO NOTHING
            """)

    static func insert(_ letters: [DeadLetter]) -> PostgresQuery {
        insertStatement(
            .texts(letters.map(\.stream)), .texts(letters.map(\.entryID)),
            // PostgreSQL's text has no NUL, and a reason may quote anything.
            .texts(letters.map { $0.reason.replacing("\0", with: "\u{fffd}") }), .byteStrings(letters.map(\.payload)),
            .texts(letters.map(\.key?.memberId.text)), .texts(letters.map(\.key?.sessionId.text)), .texts(letters.map(\.sqlState)))
    }
}
