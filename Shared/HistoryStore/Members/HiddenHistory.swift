import Models

/// What members take out of their history. Stored as a time, and filtered at reading: what was watched until then stays out, whenever it arrives.
public struct HiddenHistory: Sendable {
    private let pool: PostgresPool

    /// - Parameter pool: to a server that takes writes.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Hides everything of a title that was watched until now.
    /// - Throws: ``PostgresError``
    public func hide(_ title: OpaqueID, of member: OpaqueID) async throws(PostgresError) {
        try await run(Self.hideTitle(.text(member.text), .text(title.text)), for: member)
    }

    /// Hides everything that was watched until now.
    /// - Throws: ``PostgresError``
    public func hideAll(of member: OpaqueID) async throws(PostgresError) {
        try await run(Self.hideAll(.text(member.text)), for: member)
    }

    /// Takes a title out of continue-watching until it is watched on. Its progress stays.
    /// - Throws: ``PostgresError``
    public func hideRow(_ title: OpaqueID, of member: OpaqueID) async throws(PostgresError) {
        try await run(Self.hideRow(.text(member.text), .text(title.text)), for: member)
    }

    /// Under the member's lock, so that nothing is noted of a member who is being erased.
    private func run(_ query: PostgresQuery, for member: OpaqueID) async throws(PostgresError) {
        _ = try await pool.run([
            .begin, SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of([member]))), query, .commit,
        ])
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
            WHERE NOT EXISTS (SELECT FROM erasure_of($1))
            ON CONFLICT (member_id, title_id) DO UPDATE SET \(column) = greatest(h.\(column), excluded.\(column))
            RETURNING \(column) AS hidden_until
        )
        INSERT INTO change_outbox (member_id, kind, title_id, hidden_until, revision)
        SELECT $1, '\(kind)', nullif(\(title), ''), hidden_until, nextval('session_revision') FROM hidden
        """
    }

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
