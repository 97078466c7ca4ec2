import Models

/// What all members viewed of a title, by day: the sums over what is compacted, and what is live.
public struct TitleStatistics: Sendable {
    private let pool: PostgresPool

    /// - Parameter pool: to a server that may take its time: live sessions are found by reading all of them.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Parameters:
    ///   - title: hidden viewing counts, too; it was viewed.
    ///   - days: since 1970-01-01, by UTC, of the beginnings of the sessions.
    /// - Returns: the days with any viewing.
    /// - Throws: ``PostgresError``
    public func days(of title: OpaqueID, in days: Range<Int64>) async throws(PostgresError) -> [Int64: ViewingDay] {
        let lease = try await pool.lease()
        let giveUp = ContinuousClock.now + lease.patience
        while true {
            do throws(PostgresError) {
                let found = try await read(title, days, over: lease.connection)
                lease.end()
                return found
            } catch let error where [.connection, .backingOff].contains(error.kind) && ContinuousClock.now < giveUp {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func read(
        _ title: OpaqueID, _ days: Range<Int64>, over connection: PostgresConnection
    ) async throws(PostgresError) -> [Int64: ViewingDay] {
        let range: [PostgresValue] = [
            .text(title.text), .int4(Int32(clamping: days.lowerBound)), .int4(Int32(clamping: days.upperBound)),
            .timestamp(days.lowerBound * TitleDay.milliseconds), .timestamp(days.upperBound * TitleDay.milliseconds),
        ]
        // An error leaves the transaction to the end of the lease.
        let result = try await connection.run([Self.begin(), Self.sums(range), Self.declareChunks([range[0], range[3], range[4]])])[1]
        var sums: [Int64: ViewingDay] = [:]
        for row in 0..<result.rowCount {
            let day = Int64(try PostgresResult.required(result.int4(row, 0), "day"))
            sums[day, default: ViewingDay()] += ViewingDay(
                views: try PostgresResult.required(result.int8(row, 1), "views"),
                watchedMs: try PostgresResult.required(result.text(row, 2).flatMap { Int128($0) }, "watched_ms"),
                completions: try PostgresResult.required(result.int8(row, 3), "completions"),
                viewers: try PostgresResult.required(result.int8(row, 4), "viewers"))
        }
        for (day, members) in try await countedTwice(title, over: connection) { sums[day]?.viewers -= Int64(members.count) }
        _ = try await connection.run(PostgresQuery.commit)
        return sums.filter { $0.value.views != 0 }
    }

    /// Members who have live and compacted sessions of one day are one viewer of it. A few chunks at a time: there may be many.
    private func countedTwice(_ title: OpaqueID, over connection: PostgresConnection) async throws(PostgresError) -> [Int64: Set<OpaqueID>]
    {
        var twice: [Int64: Set<OpaqueID>] = [:]
        while true {
            let result = try await connection.run(Self.fetchChunks())
            for row in 0..<result.rowCount {
                let day = Int64(try PostgresResult.required(result.int4(row, 0), "day"))
                let member = OpaqueID(try PostgresResult.required(result.text(row, 1), "member_id"))
                let isViewer = try StoredChunk(result, row: row, from: 2).sessions.contains {
                    $0.summary.titleId == title && TitleDay.day(of: $0.summary.startedAt) == day
                }
                if isViewer { twice[day, default: []].insert(member) }
            }
            if result.rowCount < Self.chunks { return twice }
        }
    }

    private static let chunks = 64
    private static let begin = PostgresStatement(name: "title_begin", sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    private static let fetchChunks = PostgresStatement(name: "title_fetch_chunks", sql: "FETCH \(chunks) FROM title_chunks")
    private static let day = "floor(extract(epoch FROM s.started_at) / 86400)::int4"
    /// $1: the title; of the others the last two: from when to when.
    private static func live(_ from: String, _ to: String) -> String {
        """
        FROM playback_session s
        WHERE s.title_id = $1 AND s.started_at >= \(from) AND s.started_at < \(to)
          AND NOT EXISTS (SELECT FROM erasure e WHERE e.member_id = s.member_id)
        """
    }
    private static let sums = PostgresStatement(
        name: "title_sums",
        sql: """
            SELECT d.day - date '1970-01-01', d.views::bigint, d.watched_ms::text, d.completions::bigint, d.viewers::bigint
            FROM title_day d WHERE d.title_id = $1 AND d.day >= date '1970-01-01' + $2 AND d.day < date '1970-01-01' + $3
            UNION ALL
            SELECT \(day), count(*), sum(s.watched_ms)::text, count(*) FILTER (WHERE s.completed), count(DISTINCT s.member_id)
            \(live("$4", "$5")) GROUP BY 1
            """)
    private static let declareChunks = PostgresStatement(
        name: "title_chunks",
        sql: """
            DECLARE title_chunks NO SCROLL CURSOR FOR
            SELECT m.day, m.member_id, \(StoredChunk.columns("c"))
            FROM (SELECT DISTINCT s.member_id, \(day) AS day \(live("$2", "$3"))) m
            JOIN history_chunk c ON c.member_id = m.member_id AND c.newest >= to_timestamp(m.day * 86400::float8)
                                AND c.oldest < to_timestamp((m.day + 1) * 86400::float8)
            """)
}
