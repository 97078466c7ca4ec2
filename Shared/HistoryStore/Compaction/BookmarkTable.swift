import Models
import Wire

/// The statements on `title_bookmark`. $1 is the member.
enum BookmarkTable {
    /// The pages of titles $2.
    static let pages = PostgresStatement(
        name: "bookmark_pages",
        sql: """
            SELECT DISTINCT ON (p.first_title) p.first_title, p.data
            FROM (SELECT unnest($2::text[]) AS title_id) AS t, LATERAL (
                SELECT b.first_title, b.data FROM title_bookmark b
                WHERE b.member_id = $1 AND b.first_title <= t.title_id ORDER BY b.first_title DESC LIMIT 1) AS p
            ORDER BY p.first_title
            """)

    static let all = PostgresStatement(
        name: "bookmark_pages_all", sql: "SELECT first_title, data FROM title_bookmark WHERE member_id = $1 ORDER BY first_title")

    private static let write = PostgresStatement(
        name: "bookmark_write",
        sql: """
            INSERT INTO title_bookmark (member_id, first_title, data)
            SELECT $1, u.first_title, u.data FROM unnest($2::text[], $3::bytea[]) AS u(first_title, data)
            ON CONFLICT (member_id, first_title) DO UPDATE SET data = excluded.data
            """)

    /// nil where nothing changed.
    static func write(_ pages: BookmarkPages, of member: OpaqueID) -> PostgresQuery? {
        let changes = pages.changes
        guard !changes.isEmpty else { return nil }
        return write(
            .text(member.text), .texts(changes.map(\.first.text)), .byteStrings(changes.map { WireBookmarkPage.encode($0.bookmarks) }))
    }

    /// - Parameter result: of a statement above.
    static func pages(in result: PostgresResult) throws(PostgresError) -> BookmarkPages {
        BookmarkPages(try stored(result))
    }

    static func stored(_ result: PostgresResult) throws(PostgresError) -> [(first: OpaqueID, bookmarks: [TitleBookmark])] {
        var stored: [(first: OpaqueID, bookmarks: [TitleBookmark])] = []
        for row in 0..<result.rowCount {
            let first = OpaqueID(try PostgresResult.required(result.text(row, 0), "first_title"))
            stored.append((first, try bookmarks(PostgresResult.required(result.bytes(row, 1), "data"))))
        }
        return stored
    }

    static func bookmarks(_ data: [UInt8]) throws(PostgresError) -> [TitleBookmark] {
        do {
            return try WireBookmarkPage.decode(data)
        } catch {
            throw PostgresError(.unexpectedResult, "title_bookmark: \(error)")
        }
    }
}
