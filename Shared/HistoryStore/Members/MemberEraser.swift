import Models

/// Erases members for good, and readmits them.
///
/// Erasing marks the member first, under its lock alone: from then on nothing of it is taken or shown. Its rows go in bounded batches
/// after that. Interrupted anywhere it can be repeated, by anybody.
public struct MemberEraser: Sendable {
    /// Rows of one transaction.
    private static let batch: Int32 = 1000

    let pool: PostgresPool
    private let shadow: PostgresPool?

    /// - Parameters:
    ///   - pool: to a server that takes writes.
    ///   - shadow: to the same in schema `shadow`, which need not be there; nil where there can be none.
    public init(pool: PostgresPool, shadow: PostgresPool? = nil) {
        self.pool = pool
        self.shadow = shadow
    }

    /// Returns once nothing of the member is left.
    /// - Throws: ``PostgresError``; repeat it then.
    public func erase(_ member: OpaqueID) async throws(PostgresError) {
        try await alone(with: member, [Self.mark(.text(member.text)), Self.announce(.text(member.text))])
        try await removeRows(of: member)
    }

    /// Members whose erasing was begun at least so long ago and has not ended.
    /// - Throws: ``PostgresError``
    public func unfinished(olderThan seconds: Int32) async throws(PostgresError) -> [OpaqueID] {
        let result = try await pool.run([Self.unfinished(.int4(seconds))])[0]
        return (0..<result.rowCount).compactMap { result.text($0, 0).map { OpaqueID($0) } }
    }

    /// Goes on with an erasing that was begun; does nothing where there is none any more.
    ///
    /// Each batch has the member's lock: somebody else may end the erasing meanwhile, and the member be readmitted.
    /// - Throws: ``PostgresError``
    public func removeRows(of member: OpaqueID) async throws(PostgresError) {
        guard let number = try await pool.run([Self.number(.text(member.text))])[0].int8(0, 0) else { return }
        // Before the end: until then whoever goes on with this erasing comes by here.
        if let shadow, try await hasShadow() { try await MemberEraser(pool: shadow).eraseCopies(of: member) }
        for remove in [Self.removeSessions, Self.removeLetters] {
            while try await alone(with: member, [remove(.text(member.text), .int8(number), .int4(Self.batch))])[0].int8(0, 0) ?? 0 > 0 {}
        }
        try await removeChunks(of: member, number)
        try await removeFromLargerLetters(member, number)
        // Last: until then nothing is shown of what is still there.
        try await alone(
            with: member,
            [Self.removeBookmarks, Self.removeHidden, Self.removeShadowed, Self.end].map { $0(.text(member.text), .int8(number)) })
    }

    private func removeChunks(of member: OpaqueID, _ erasure: Int64) async throws(PostgresError) {
        let lease = try await pool.lease()
        let giveUp = ContinuousClock.now + lease.patience
        while true {
            do throws(PostgresError) {
                while try await ChunkRemover(connection: lease.connection).removeErased(of: member, erasure: erasure) {}
                return lease.end()
            } catch let error where [.connection, .backingOff].contains(error.kind) && ContinuousClock.now < giveUp {
                // It may have been idle while the server restarted.
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Takes events of an erased member again, those that an edge receives from now on.
    /// - Returns: whether the member was erased.
    /// - Throws: ``PostgresError``
    public func readmit(_ member: OpaqueID) async throws(PostgresError) -> Bool {
        // The shadow first: what comes between the two is dropped by the history, and so is never copied. And once more, should it be made
        // meanwhile; that does no harm.
        try await readmitToShadow(member)
        let wasErased = try await alone(with: member, [Self.readmit(.text(member.text))])[0].int8(0, 0) == 1
        try await readmitToShadow(member)
        return wasErased
    }

    private func readmitToShadow(_ member: OpaqueID) async throws(PostgresError) {
        if let shadow, try await hasShadow() { _ = try await MemberEraser(pool: shadow).readmit(member) }
    }

    private func hasShadow() async throws(PostgresError) -> Bool {
        try await pool.run([Self.shadowExists()])[0].bool(0, 0) == true
    }

    /// The same in the shadow, which nobody follows.
    private func eraseCopies(of member: OpaqueID) async throws(PostgresError) {
        try await alone(with: member, [Self.mark(.text(member.text))])
        try await removeRows(of: member)
    }

    /// Runs statements in a transaction that no writer of the member shares.
    @discardableResult
    func alone(with member: OpaqueID, _ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresResult] {
        let lock = LockBuckets.lockAlone(.int4(LockBuckets.space), .int4(LockBuckets.of([member])[0]))
        return Array(try await pool.run([.begin, lock] + queries + [.commit]).dropFirst(2).dropLast())
    }

    /// $2: the number of the erasing that is gone on with.
    static let isBeingErased = "EXISTS (SELECT FROM erasure WHERE member_id = $1::text AND number = $2::bigint)"
    private static let number = PostgresStatement(name: "erase_number", sql: "SELECT number FROM erasure WHERE member_id = $1::text")

    /// The epoch goes on from that of the member's row, which goes. A writer that decided before finds another one.
    static let mark = PostgresStatement(
        name: "erase_mark",
        sql: """
            WITH former AS (DELETE FROM member_state WHERE member_id = $1::text RETURNING epoch),
            pending AS (INSERT INTO erasure (member_id) VALUES ($1) ON CONFLICT DO NOTHING),
            hidden AS (
                INSERT INTO hidden_title (member_id, title_id, hidden_until) VALUES ($1, '', 'infinity')
                ON CONFLICT (member_id, title_id) DO UPDATE SET hidden_until = 'infinity'
            ),
            outbox AS (DELETE FROM change_outbox WHERE member_id = $1)
            INSERT INTO erased_member AS e (tombstone, bucket, epoch, erased_at)
            SELECT tombstone, bucket, coalesce((SELECT epoch FROM former), 0) + 1, clock_timestamp() FROM tombstone_of($1)
            ON CONFLICT (tombstone) DO NOTHING
            """)
    private static let announce = PostgresStatement(
        name: "erase_announce",
        sql: "INSERT INTO change_outbox (member_id, kind, revision) VALUES ($1, 'erased', nextval('session_revision'))")
    private static let unfinished = PostgresStatement(
        name: "erase_unfinished",
        sql: "SELECT member_id FROM erasure WHERE began_at < clock_timestamp() - make_interval(secs => $1::integer) ORDER BY began_at")
    static let removeSessions = PostgresStatement(
        name: "erase_sessions",
        sql: """
            WITH gone AS (
                DELETE FROM playback_session WHERE member_id = $1::text AND session_id IN (
                    SELECT session_id FROM playback_session WHERE member_id = $1::text ORDER BY session_id LIMIT $3)
                  AND \(isBeingErased)
                RETURNING 1)
            SELECT count(*) FROM gone
            """)
    private static let removeLetters = PostgresStatement(
        name: "erase_dead_letters",
        sql: """
            WITH gone AS (
                DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE member_id = $1::text LIMIT $3) AND \(isBeingErased)
                RETURNING 1)
            SELECT count(*) FROM gone
            """)
    private static let removeBookmarks = PostgresStatement(
        name: "erase_bookmarks", sql: "DELETE FROM title_bookmark WHERE member_id = $1::text AND \(isBeingErased)")
    private static let removeHidden = PostgresStatement(
        name: "erase_hidden", sql: "DELETE FROM hidden_title WHERE member_id = $1::text AND \(isBeingErased)")
    private static let removeShadowed = PostgresStatement(
        name: "erase_shadowed", sql: "DELETE FROM shadowed_session WHERE member_id = $1::text AND \(isBeingErased)")
    private static let shadowExists = PostgresStatement(
        name: "erase_shadow_exists", sql: "SELECT to_regclass('shadow.schema_migration') IS NOT NULL")
    static let end = PostgresStatement(name: "erase_end", sql: "DELETE FROM erasure WHERE member_id = $1::text AND number = $2")

    /// Not while rows are still being removed: they would show again.
    static let readmit = PostgresStatement(
        name: "readmit",
        sql: """
            WITH gone AS (
                DELETE FROM erased_member
                WHERE tombstone = (SELECT tombstone FROM tombstone_of($1::text)) AND NOT EXISTS (SELECT FROM erasure WHERE member_id = $1)
                RETURNING epoch),
            state AS (
                INSERT INTO member_state AS m (member_id, epoch, readmitted_at) SELECT $1, epoch + 1, clock_timestamp() FROM gone
                ON CONFLICT (member_id) DO UPDATE
                SET epoch = greatest(m.epoch, excluded.epoch) + 1, readmitted_at = excluded.readmitted_at RETURNING 1)
            SELECT count(*) FROM state
            """)
}
