import Models

/// A walk over all members in the order of their ids that several processes share: each takes the next stretch. What one of them took and did
/// not finish is met again on the next walk.
public struct MemberWalk: Sendable {
    /// What is looked for.
    public enum Purpose: Sendable {
        /// Members with sessions that were not written for so long, or were last watched before what is kept.
        case compaction(unwritten: Duration, keptSince: Timestamp?)
        /// Members with chunks whose sessions all ended before a time.
        case retention(keptSince: Timestamp)

        var name: String {
            switch self {
            case .compaction: "compaction"
            case .retention: "retention"
            }
        }
    }

    /// A part of the way.
    public struct Stretch: Sendable {
        /// Those that have something due.
        public var members: [OpaqueID] = []
        /// Of the rows that were passed, the time of the one that was not written for longest; nil where there was none.
        public var oldestWrite: Timestamp?
        /// Whether this was the last one.
        public var isEnd = false
    }

    /// Members that are looked at at once.
    private static let stretch: Int32 = 200

    private let connection: PostgresConnection
    private let purpose: Purpose
    /// Between the end of a walk and the beginning of the next.
    private let pause: Duration

    /// - Parameter connection: for this walk alone, as its transactions take several round trips.
    public init(_ purpose: Purpose, over connection: PostgresConnection, pause: Duration) {
        self.connection = connection
        self.purpose = purpose
        self.pause = pause
    }

    /// - Returns: nil while the next walk is not due.
    /// - Throws: ``PostgresError``
    public func next() async throws(PostgresError) -> Stretch? {
        let name = PostgresValue.text(purpose.name)
        do throws(PostgresError) {
            let place = try await connection.run([
                .begin, Self.begin(name), Self.place(name, .int8(Int64(pause / .milliseconds(1)))),
            ])[2]
            guard place.rowCount > 0, let position = place.text(0, 0) else {
                _ = try await connection.run(PostgresQuery.rollback)
                return nil
            }
            let found = try await connection.run(members(after: position))
            var stretch = Stretch()
            var last = ""
            for row in 0..<found.rowCount {
                last = try PostgresResult.required(found.text(row, 0), "member_id")
                if found.bool(row, 1) == true { stretch.members.append(OpaqueID(last)) }
                if let time = found.timestamp(row, 2) { stretch.oldestWrite = min(stretch.oldestWrite ?? .max, time) }
            }
            stretch.isEnd = found.rowCount < Int(Self.stretch)
            _ = try await connection.run([stretch.isEnd ? Self.end(name) : Self.move(name, .text(last)), .commit])
            return stretch
        } catch {
            _ = try? await connection.run(PostgresQuery.rollback)
            throw error
        }
    }

    private func members(after position: String) -> PostgresQuery {
        switch purpose {
        case .compaction(let unwritten, let keptSince):
            Self.resting(
                .text(position), .int8(Int64(unwritten / .milliseconds(1))), .timestamp(keptSince ?? .min), .int4(Self.stretch))
        case .retention(let keptSince): Self.expired(.text(position), .timestamp(keptSince), .int4(Self.stretch))
        }
    }

    private static let begin = PostgresStatement(
        name: "walk_begin", sql: "INSERT INTO member_walk (purpose) VALUES ($1) ON CONFLICT (purpose) DO NOTHING")
    /// A walk that has ended rests at its beginning.
    private static let place = PostgresStatement(
        name: "walk_place",
        sql: """
            SELECT position FROM member_walk
            WHERE purpose = $1 AND (position <> '' OR ended_at IS NULL OR ended_at < clock_timestamp() - $2::bigint * interval '1 millisecond')
            FOR UPDATE
            """)
    private static let move = PostgresStatement(
        name: "walk_move",
        sql: """
            UPDATE member_walk SET began_at = CASE position WHEN '' THEN clock_timestamp() ELSE began_at END, position = $2 WHERE purpose = $1
            """)
    private static let end = PostgresStatement(
        name: "walk_end", sql: "UPDATE member_walk SET position = '', ended_at = clock_timestamp() WHERE purpose = $1")

    private static let resting = PostgresStatement(
        name: "walk_resting",
        sql: """
            SELECT s.member_id, bool_or(s.updated_at < clock_timestamp() - $2::bigint * interval '1 millisecond' OR s.last_watched_at < $3), min(s.updated_at)
            FROM playback_session s WHERE s.member_id > $1 GROUP BY s.member_id ORDER BY s.member_id LIMIT $4
            """)
    private static let expired = PostgresStatement(
        name: "walk_expired",
        sql: """
            SELECT c.member_id, bool_or(c.ended_at < $2), NULL::timestamptz
            FROM history_chunk c WHERE c.member_id > $1 GROUP BY c.member_id ORDER BY c.member_id LIMIT $3
            """)
}
