/// The schema of the shadow as a whole. It stands beside the history in the same database.
public struct ShadowSchema: Sendable {
    /// The tables that hold what was copied, or is made of it. Not the sequence: a revision must never recur. Nor what keeps copies from before an
    /// erasure out: `erased_member` and `member_state`.
    private static let tables = [
        "playback_session", "dead_letter", "hidden_title", "erasure", "change_outbox", "history_chunk", "title_bookmark",
        "title_day", "member_walk",
    ]

    private let connection: PostgresConnection

    /// - Parameter connection: to the history.
    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// Whether it is there.
    /// - Throws: ``PostgresError``
    public func exists() async throws(PostgresError) -> Bool {
        try await connection.run(Self.exists()).bool(0, 0) == true
    }

    /// Makes it in one transaction, with the marks of members that are erased: of those nothing is taken here either.
    ///
    /// Whoever erases a member meanwhile waits for the end, and finds the schema then.
    /// - Throws: ``PostgresError``, also where somebody else has made it meanwhile.
    public func create() async throws(PostgresError) {
        let history = try PostgresResult.required(try await connection.run(Self.currentSchema()).text(0, 0), "current_schema")
        let quoted = "\"\(history.replacing("\"", with: "\"\""))\""
        do {
            try await connection.runScript(
                """
                BEGIN;
                LOCK TABLE \(quoted).erased_member IN SHARE MODE;
                CREATE SCHEMA shadow;
                SET LOCAL search_path TO shadow;
                \(Migrator.script(of: Migration.all))
                UPDATE tombstone_key SET (key, seed) = (SELECT key, seed FROM \(quoted).tombstone_key);
                INSERT INTO erased_member SELECT * FROM \(quoted).erased_member;
                COMMIT;
                """)
        } catch {
            // A script that fails leaves its transaction open.
            await connection.close()
            throw error
        }
    }

    /// Empties it, and the list of what it must have. Sessions that go on are in it in part then, and left out when the two are compared.
    /// - Throws: ``PostgresError``
    public func clear() async throws(PostgresError) {
        let tables = Self.tables.map { "shadow.\($0)" }.joined(separator: ", ")
        // The list last, and not for long: whoever writes synchronously waits for it.
        try await run("TRUNCATE \(tables); SET LOCAL lock_timeout = '200ms'; TRUNCATE shadowed_session")
    }

    /// Removes it with all that is in it, and the list of what it must have.
    /// - Throws: ``PostgresError``
    public func remove() async throws(PostgresError) {
        try await run("DROP SCHEMA IF EXISTS shadow CASCADE; SET LOCAL lock_timeout = '200ms'; TRUNCATE shadowed_session")
    }

    /// - Throws: ``PostgresError``, also where somebody holds what is to go for too long: try it again then.
    private func run(_ changes: String) async throws(PostgresError) {
        do {
            try await connection.runScript("BEGIN; SET LOCAL lock_timeout = '2s'; \(changes); COMMIT")
        } catch {
            await connection.close()
            throw error
        }
    }

    private static let exists = PostgresStatement(
        name: "shadow_exists", sql: "SELECT to_regclass('shadow.schema_migration') IS NOT NULL")
    private static let currentSchema = PostgresStatement(name: "shadow_current_schema", sql: "SELECT current_schema()::text")
}
