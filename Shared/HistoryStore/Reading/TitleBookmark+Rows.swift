import Models

extension TitleBookmark {
    /// The bookmark of each title, in no order.
    /// - Parameter rows: of ``HistorySQL/continueWatching``.
    static func all(in rows: [HistoryRow], _ hidden: HiddenUntil) -> [TitleBookmark] {
        var titles: [OpaqueID: TitleBookmark] = [:]
        func note(_ bookmark: TitleBookmark) {
            if titles[bookmark.titleId].map(bookmark.precedes) ?? true { titles[bookmark.titleId] = bookmark }
        }
        for row in rows {
            switch row {
            case .session(let session): note(TitleBookmark(sessionId: session.sessionId, session.summary))
            case .page(let bookmarks):
                for (title, bookmarks) in Dictionary(grouping: bookmarks, by: \.titleId) {
                    if let bookmark = TitleBookmarks(bookmarks).bookmark(hiddenUntil: hidden.until(title)) { note(bookmark) }
                }
            case .hidden: continue
            }
        }
        return Array(titles.values)
    }
}
