/// Brings the schema up to date.
public struct Migrator: Sendable {
    /// Any number, as long as nobody else locks with it: only one migrator works at a time.
    private static let lockKey: Int64 = 0x706c_6179_6865_6164  // "playhead"
    private static let lock = PostgresStatement(name: "migrate_lock", sql: "SELECT 1 FROM pg_advisory_lock($1)")
    private static let unlock = PostgresStatement(name: "migrate_unlock", sql: "SELECT pg_advisory_unlock($1)")
    private static let versions = PostgresStatement(name: "migrate_versions", sql: "SELECT version FROM schema_migration ORDER BY version")
    private static let tableExists = PostgresStatement(
        name: "migrate_table_exists", sql: "SELECT to_regclass('schema_migration') IS NOT NULL")

    private let connection: PostgresConnection

    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// Applies what is missing, each step in a transaction of its own, under an advisory lock.
    /// - Returns: the steps applied now.
    /// - Throws: ``PostgresError``; the steps before the failed one stay.
    public func migrate() async throws(PostgresError) -> [Migration] {
        _ = try await connection.run(Self.lock(.int8(Self.lockKey)))
        do {
            let applied = try await applyMissing()
            _ = try await connection.run(Self.unlock(.int8(Self.lockKey)))
            return applied
        } catch {
            // The lock belongs to the connection and goes with it.
            await connection.close()
            throw error
        }
    }

    /// The highest version applied; 0 for an empty database.
    /// - Throws: ``PostgresError``
    public func currentVersion() async throws(PostgresError) -> Int {
        try await appliedVersions().max() ?? 0
    }

    /// - Throws: ``PostgresError`` that says what to do when the schema is older than this program.
    public func requireLatestVersion() async throws(PostgresError) {
        let version = try await currentVersion()
        guard version >= Migration.latestVersion else {
            let (subject, option) = connection.schema == .shadow ? ("the schema of the shadow", " --shadow") : ("the schema", "")
            throw PostgresError(
                .unexpectedResult,
                "\(subject) has version \(version), needed is \(Migration.latestVersion): run playhead migrate\(option)")
        }
    }

    private func applyMissing() async throws(PostgresError) -> [Migration] {
        let present = try await appliedVersions()
        var applied: [Migration] = []
        for migration in Migration.all where !present.contains(migration.version) {
            try await connection.runScript("BEGIN;\n\(Self.script(of: [migration]))\nCOMMIT;")
            applied.append(migration)
        }
        return applied
    }

    /// The steps, and the record of them.
    static func script(of migrations: [Migration]) -> String {
        let record = """
            CREATE TABLE IF NOT EXISTS schema_migration
                (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
            """
        return migrations.reduce(record) { script, migration in
            """
            \(script)
            \(migration.sql)
            INSERT INTO schema_migration (version, name) VALUES (\(migration.version), '\(migration.name)');
            """
        }
    }

    private func appliedVersions() async throws(PostgresError) -> Set<Int> {
        guard try await connection.run(Self.tableExists()).bool(0, 0) == true else { return [] }
        let result = try await connection.run(Self.versions())
        return Set((0..<result.rowCount).compactMap { result.int4($0, 0).map { Int($0) } })
    }
}
