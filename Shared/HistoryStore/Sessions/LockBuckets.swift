import Models

/// The advisory locks of members: writers share a member's bucket, what removes rows of a member takes it alone.
enum LockBuckets {
    static let count: UInt64 = 256
    /// The first half of the lock's two-part key, ours among all users of the database's advisory locks.
    static let space: Int32 = 0x706c  // "pl"
    /// The same as $1 of a statement. The shadow has another one: its writers must never hold up those of the history.
    static let spaceSQL = "$1::int4 + (current_schema() = 'shadow')::int4"

    /// The buckets of these members, each once and in order, so that no two transactions wait for each other in a circle.
    static func of(_ members: some Sequence<OpaqueID>) -> [Int32] {
        Set(members.map { Int32(StableHash.fnv1a(purpose: "bucket", $0.text) % count) }).sorted()
    }

    /// For who removes rows of a member of bucket $2 of space $1.
    static let lockAlone = PostgresStatement(name: "member_lock_alone", sql: "SELECT pg_advisory_xact_lock(\(spaceSQL), $2)")
}
