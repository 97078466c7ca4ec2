import Models
import Wire

/// A row of a statement that reads several kinds of them in one snapshot.
enum HistoryRow {
    case session(StoredSession)
    case page([TitleBookmark])
    case hidden(title: OpaqueID, until: Timestamp?, rowUntil: Timestamp?)

    private enum Kind: Int32 {
        case session = 0
        case page = 1
        case hidden = 2
    }

    /// The kind, the columns of a session, and those of the others.
    private static func columns(
        _ kind: Kind, session: String = StoredSession.noColumns, data: String = "NULL::bytea", title: String = "NULL::text",
        until: String = "NULL::timestamptz", rowUntil: String = "NULL::timestamptz"
    ) -> String {
        "\(kind.rawValue), \(session), \(data), \(title), \(until), \(rowUntil)"
    }

    static func session(_ table: String) -> String { columns(.session, session: StoredSession.columns(table)) }

    static func page(_ table: String) -> String { columns(.page, data: "\(table).data") }

    static func hidden(_ table: String) -> String {
        columns(.hidden, title: "\(table).title_id", until: "\(table).hidden_until", rowUntil: "\(table).row_hidden_until")
    }

    private init(_ result: PostgresResult, _ row: Int) throws(PostgresError) {
        let others = 1 + StoredSession.columnCount
        switch result.int4(row, 0).flatMap(Kind.init) {
        case .session: self = .session(try StoredSession(result, row: row, from: 1))
        case .page: self = .page(try BookmarkTable.bookmarks(PostgresResult.required(result.bytes(row, others), "data")))
        case .hidden:
            self = .hidden(
                title: OpaqueID(try PostgresResult.required(result.text(row, others + 1), "title_id")),
                until: result.timestamp(row, others + 2), rowUntil: result.timestamp(row, others + 3))
        case nil: throw PostgresError(.unexpectedResult, "a row of an unknown kind")
        }
    }

    static func all(_ result: PostgresResult) throws(PostgresError) -> [HistoryRow] {
        var rows: [HistoryRow] = []
        rows.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount { rows.append(try HistoryRow(result, row)) }
        return rows
    }
}

/// What of compacted viewing is left out, by title; '' is every title.
struct HiddenUntil {
    private var titles: [OpaqueID: (until: Timestamp?, rowUntil: Timestamp?)] = [:]

    init(_ rows: [HistoryRow] = []) {
        for case .hidden(let title, let until, let rowUntil) in rows { titles[title] = (until, rowUntil) }
    }

    /// The later of those of the title and of every title.
    func until(_ title: OpaqueID) -> Timestamp? {
        [titles[title]?.until, titles[""]?.until].compactMap { $0 }.max()
    }

    func hides(_ session: CompactedSession) -> Bool {
        until(session.summary.titleId).map { session.summary.lastWatchedAt <= $0 } ?? false
    }

    /// Whether the title's row of continue-watching is left out.
    func hidesRow(_ bookmark: TitleBookmark) -> Bool {
        titles[bookmark.titleId]?.rowUntil.map { bookmark.lastWatchedAt <= $0 } ?? false
    }
}
