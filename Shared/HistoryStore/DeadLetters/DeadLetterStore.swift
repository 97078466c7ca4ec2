import Models

/// The dead letters of a database, for people: to look at, replay and discard.
public struct DeadLetterStore: Sendable {
    /// A dead letter as it is kept.
    public struct Record: Sendable {
        public let id: Int64
        public let createdAt: Timestamp
        public let letter: DeadLetter
    }

    /// Which dead letters; everything that is given must fit.
    public struct Filter: Sendable {
        public var ids: [Int64]?
        public var member: OpaqueID?
        /// A part of the reason.
        public var reason: String?
        public var stream: String?
        /// Set aside at this time or later.
        public var from: Timestamp?
        /// Set aside before this time.
        public var to: Timestamp?

        public init(
            ids: [Int64]? = nil, member: OpaqueID? = nil, reason: String? = nil, stream: String? = nil, from: Timestamp? = nil,
            to: Timestamp? = nil
        ) {
            self.ids = ids
            self.member = member
            self.reason = reason
            self.stream = stream
            self.from = from
            self.to = to
        }
    }

    /// Letters to read at once, as each may have 64 KiB.
    public static let page = 100

    private let connection: PostgresConnection

    /// - Parameter connection: for this store alone, as a replay holds a transaction open on it.
    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// A page, in the order of ids.
    /// - Parameter after: the last id of the page before.
    /// - Throws: ``PostgresError``
    public func letters(_ filter: Filter, after: Int64 = 0, limit: Int) async throws(PostgresError) -> [Record] {
        let result = try await connection.run(Self.list(Self.parameters(of: filter) + [.int8(after), .int8(Int64(limit))]))
        var records: [Record] = []
        for row in 0..<result.rowCount { records.append(try Self.record(result, row)) }
        return records
    }

    /// How many there are.
    /// - Throws: ``PostgresError``
    public func count(_ filter: Filter = Filter()) async throws(PostgresError) -> Int64 {
        try await PostgresResult.required(connection.run(Self.count(Self.parameters(of: filter))).int8(0, 0), "count")
    }

    /// Deletes what fits.
    /// - Returns: how many were deleted.
    /// - Throws: ``PostgresError``
    public func discard(_ filter: Filter) async throws(PostgresError) -> Int64 {
        try await PostgresResult.required(connection.run(Self.discard(Self.parameters(of: filter))).int8(0, 0), "count")
    }

    /// Takes dead letters out for good once `use` has returned: the rows are locked and gone while it runs, so that the same letter, set aside
    /// again by a processor meanwhile, waits and becomes a new row.
    /// - Parameter use: gets the letters that are still there, and returns what must be kept of them. When it throws, all of them stay.
    /// - Returns: how many were taken.
    /// - Throws: ``PostgresError``, or what `use` throws.
    public func take(_ ids: [Int64], use: ([DeadLetter]) async throws -> [DeadLetter]) async throws -> Int {
        let results = try await connection.run([.begin, Self.delete(.int8s(ids))])
        let deleted = results[1]
        do {
            var letters: [DeadLetter] = []
            for row in 0..<deleted.rowCount { letters.append(try Self.letter(deleted, row, from: 0)) }
            let kept = try await use(letters)
            // Should this not arrive, all are still there, and replaying them again is harmless.
            _ = try await connection.run((kept.isEmpty ? [] : [DeadLetter.insert(kept)]) + [.commit])
        } catch {
            _ = try? await connection.run(PostgresQuery.rollback)
            throw error
        }
        return deleted.rowCount
    }

    private static let condition = """
        ($1 IS NULL OR id = ANY($1)) AND ($2 IS NULL OR member_id = $2 COLLATE "C") AND ($3 IS NULL OR position($3 in reason) > 0)
        AND ($4 IS NULL OR stream = $4) AND ($5 IS NULL OR created_at >= $5) AND ($6 IS NULL OR created_at < $6)
        """
    private static let columns = "stream, entry_id, reason, payload, member_id, session_id, sql_state"
    private static let list = PostgresStatement(
        name: "dead_letter_list",
        sql: """
            SELECT id, created_at, \(columns)
            FROM dead_letter WHERE \(condition) AND id > $7 ORDER BY id LIMIT $8
            """)
    private static let count = PostgresStatement(name: "dead_letter_count", sql: "SELECT count(*) FROM dead_letter WHERE \(condition)")
    private static let discard = PostgresStatement(
        name: "dead_letter_discard",
        sql: "WITH gone AS (DELETE FROM dead_letter WHERE \(condition) RETURNING 1) SELECT count(*) FROM gone")
    private static let delete = PostgresStatement(
        name: "dead_letter_delete", sql: "DELETE FROM dead_letter WHERE id = ANY($1) RETURNING \(columns)")

    private static func parameters(of filter: Filter) -> [PostgresValue] {
        [
            filter.ids.map { .int8s($0) } ?? PostgresValue(type: .int8Array, bytes: nil), .text(filter.member?.text),
            .text(filter.reason), .text(filter.stream), .timestamp(filter.from), .timestamp(filter.to),
        ]
    }

    private static func record(_ result: PostgresResult, _ row: Int) throws(PostgresError) -> Record {
        Record(
            id: try PostgresResult.required(result.int8(row, 0), "id"),
            createdAt: try PostgresResult.required(result.timestamp(row, 1), "created_at"), letter: try letter(result, row, from: 2))
    }

    /// - Parameter column: the first of `columns`.
    private static func letter(_ result: PostgresResult, _ row: Int, from column: Int) throws(PostgresError) -> DeadLetter {
        var letter = DeadLetter(
            stream: try PostgresResult.required(result.text(row, column), "stream"),
            entryID: try PostgresResult.required(result.text(row, column + 1), "entry_id"),
            reason: try PostgresResult.required(result.text(row, column + 2), "reason"),
            payload: try PostgresResult.required(result.bytes(row, column + 3), "payload"))
        if let member = result.text(row, column + 4), let session = result.text(row, column + 5) {
            letter.key = SessionKey(memberId: OpaqueID(member), sessionId: OpaqueID(session))
        }
        letter.sqlState = result.text(row, column + 6)
        return letter
    }
}
