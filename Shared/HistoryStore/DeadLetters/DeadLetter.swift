/// Something that can never be applied, set aside with the reason.
public struct DeadLetter: Sendable, Hashable {
    public var stream: String
    public var entryID: String
    public var reason: String
    public var payload: [UInt8]

    public init(stream: String, entryID: String, reason: String, payload: [UInt8]) {
        self.stream = stream
        self.entryID = entryID
        self.reason = reason
        self.payload = payload
    }

    private static let insertStatement = PostgresStatement(
        name: "dead_letter_insert",
        sql: """
            INSERT INTO dead_letter (content_hash, stream, entry_id, reason, payload)
            SELECT sha256(u.payload), u.stream, u.entry_id, u.reason, u.payload
            FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) AS u(stream, entry_id, reason, payload)
            ON CONFLICT (content_hash) DO NOTHING
            """)

    private static let countStatement = PostgresStatement(name: "dead_letter_count", sql: "SELECT count(*) FROM dead_letter")

    /// How many there are.
    /// - Throws: ``PostgresError``
    public static func count(over connection: PostgresConnection) async throws(PostgresError) -> Int64 {
        try await PostgresResult.required(connection.run(countStatement()).int8(0, 0), "count")
    }

    static func insert(_ letters: [DeadLetter]) -> PostgresQuery {
        insertStatement(
            .texts(letters.map(\.stream)), .texts(letters.map(\.entryID)), .texts(letters.map(\.reason)),
            .byteStrings(letters.map(\.payload)))
    }
}
