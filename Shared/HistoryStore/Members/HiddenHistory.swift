import Models

/// What members take out of their history. Stored as a time, and filtered at reading: what was watched until then stays out, whenever it arrives.
public struct HiddenHistory: Sendable {
    /// Titles that one member hides at most, one by one: reads and the processors look them up.
    public static let maximalTitles = 10_000

    private let pool: PostgresPool

    /// - Parameter pool: to a server that takes writes.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Hides everything of a title that was watched until now.
    /// - Returns: whether it is done; false where the member hides ``maximalTitles`` others already.
    /// - Throws: ``PostgresError``
    @discardableResult
    public func hide(_ title: OpaqueID, of member: OpaqueID) async throws(PostgresError) -> Bool {
        try await run(
            [Self.isTooMany(.text(member.text), .text(title.text)), Self.hideTitle(.text(member.text), .text(title.text))], for: member)
    }

    /// Hides everything that was watched until now.
    /// - Throws: ``PostgresError``
    public func hideAll(of member: OpaqueID) async throws(PostgresError) {
        _ = try await run([Self.isTooMany(.text(member.text), .text("")), Self.hideAll(.text(member.text))], for: member)
    }

    /// Takes a title out of continue-watching until it is watched on. Its progress stays.
    /// - Returns: as ``hide(_:of:)``
    /// - Throws: ``PostgresError``
    @discardableResult
    public func hideRow(_ title: OpaqueID, of member: OpaqueID) async throws(PostgresError) -> Bool {
        try await run(
            [Self.isTooMany(.text(member.text), .text(title.text)), Self.hideRow(.text(member.text), .text(title.text))], for: member)
    }

    /// Under the member's lock, so that nothing is noted of a member who is being erased.
    private func run(_ queries: [PostgresQuery], for member: OpaqueID) async throws(PostgresError) -> Bool {
        let results = try await pool.run(
            [.begin, SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of([member])))] + queries + [.commit])
        return results[2].bool(0, 0) == false
    }

    /// - Parameters:
    ///   - column: that is raised to the time now, or that of what it hides where that is later, as devices' clocks are ahead at times.
    ///   - other: another time that is to be reached.
    ///   - kind: that of the change.
    private static func hide(
        _ title: String, _ column: String, hiding sessions: String, or other: String = "NULL", kind: String
    ) -> String {
        """
        hidden AS (
            INSERT INTO hidden_title AS h (member_id, title_id, \(column))
            SELECT $1, \(title), greatest(
                clock_timestamp(), (SELECT max(last_watched_at) FROM playback_session WHERE \(sessions)), \(other))
            WHERE NOT EXISTS (SELECT FROM erasure_of($1)) AND NOT \(isOneTooMany(title))
            ON CONFLICT (member_id, title_id) DO UPDATE SET \(column) = greatest(h.\(column), excluded.\(column))
            RETURNING \(column) AS hidden_until
        )
        INSERT INTO change_outbox (member_id, kind, title_id, hidden_until, revision)
        SELECT $1, '\(kind)', nullif(\(title), ''), hidden_until, nextval('session_revision') FROM hidden
        """
    }

    /// A condition: one title more would be too many. Hiding everything takes the place of all.
    private static func isOneTooMany(_ title: String) -> String {
        """
        (\(title) <> '' AND NOT EXISTS (SELECT FROM hidden_title WHERE member_id = $1::text AND title_id = \(title))
            AND (SELECT count(*) FROM hidden_title WHERE member_id = $1::text) >= \(maximalTitles))
        """
    }

    private static let isTooMany = PostgresStatement(name: "hide_is_too_many", sql: "SELECT \(isOneTooMany("$2::text"))")
    private static let hideTitle = PostgresStatement(
        name: "hide_title",
        sql: "WITH " + hide("$2::text", "hidden_until", hiding: "member_id = $1::text AND title_id = $2", kind: "hidden"))
    private static let hideRow = PostgresStatement(
        name: "hide_row",
        sql: "WITH " + hide("$2::text", "row_hidden_until", hiding: "member_id = $1::text AND title_id = $2", kind: "row_hidden"))
    /// What is hidden of single titles is hidden by this, too.
    private static let hideAll = PostgresStatement(
        name: "hide_all",
        sql: "WITH titles AS (DELETE FROM hidden_title WHERE member_id = $1::text AND title_id <> '' RETURNING hidden_until), "
            + hide("''::text", "hidden_until", hiding: "member_id = $1::text", or: "(SELECT max(hidden_until) FROM titles)", kind: "hidden")
    )
}
