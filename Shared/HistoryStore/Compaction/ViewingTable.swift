import Models

/// The statements on `title_day`.
enum ViewingTable {
    /// Rows in the order of their keys, so that no two transactions wait for each other in a circle.
    private static let add = PostgresStatement(
        name: "title_day_add",
        sql: """
            INSERT INTO title_day AS d (title_id, day, views, watched_ms, completions, viewers)
            SELECT u.title_id, date '1970-01-01' + u.day, u.views, u.watched_ms, u.completions, u.viewers
            FROM (SELECT unnest($1::text[]) AS title_id, unnest($2::int4[]) AS day, unnest($3::int8[]) AS views, unnest($4::text[])::numeric AS watched_ms,
                         unnest($5::int8[]) AS completions, unnest($6::int8[]) AS viewers) AS u
            ON CONFLICT (title_id, day) DO UPDATE
            SET views = d.views + excluded.views, watched_ms = d.watched_ms + excluded.watched_ms,
                completions = d.completions + excluded.completions, viewers = d.viewers + excluded.viewers
            """)

    private static let removeEmpty = PostgresStatement(
        name: "title_day_remove_empty",
        sql: """
            DELETE FROM title_day d USING (SELECT unnest($1::text[]) AS title_id, unnest($2::int4[]) AS day) AS u
            WHERE d.title_id = u.title_id AND d.day = date '1970-01-01' + u.day AND d.views = 0
            """)

    /// - Returns: what adds these, and removes the rows of which nothing is left.
    static func add(_ days: [TitleDay: ViewingDay]) -> [PostgresQuery] {
        guard !days.isEmpty else { return [] }
        let sorted = days.sorted { $0.key < $1.key }
        let keys: [PostgresValue] = [.texts(sorted.map(\.key.titleId.text)), .int4s(sorted.map { Int32(clamping: $0.key.day) })]
        let values: [PostgresValue] = [
            .int8s(sorted.map(\.value.views)), .texts(sorted.map { String($0.value.watchedMs) }), .int8s(sorted.map(\.value.completions)),
            .int8s(sorted.map(\.value.viewers)),
        ]
        var queries = [add(keys + values)]
        if sorted.contains(where: { $0.value.views < 0 }) { queries.append(removeEmpty(keys)) }
        return queries
    }
}
