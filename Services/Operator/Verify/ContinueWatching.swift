import Models

/// The contract's rule for continue-watching, over what is expected of a member's sessions.
enum ContinueWatching {
    static func rows(of sessions: [(id: OpaqueID, view: SessionView)]) -> [ServedBookmark] {
        let bookmarks = Dictionary(grouping: sessions) { OpaqueID($0.view.titleId) }.values.compactMap { ofTitle in
            // A session without watch credit counts only where none of the title has any: a start that failed wipes no resume point.
            ofTitle.max { left, right in
                let hasCredit = (left.view.watchedMs > 0, right.view.watchedMs > 0)
                return hasCredit.0 == hasCredit.1 ? isEarlier(left, right) : hasCredit.1
            }
        }
        return bookmarks.filter { !$0.view.completed }.sorted { isEarlier($1, $0) }.map { session in
            let view = session.view
            return ServedBookmark(
                titleId: view.titleId, positionMs: view.positionMs, runtimeMs: view.runtimeMs,
                progress: view.runtimeMs.map { min(Double(view.positionMs) / Double($0), 1) },
                lastWatchedAt: RFC3339.format(view.lastWatchedAt), sessionId: session.id.text)
        }
    }

    /// By `lastWatchedAt`, then by the start, then by the session's id.
    private static func isEarlier(_ left: (id: OpaqueID, view: SessionView), _ right: (id: OpaqueID, view: SessionView)) -> Bool {
        if left.view.lastWatchedAt != right.view.lastWatchedAt { return left.view.lastWatchedAt < right.view.lastWatchedAt }
        if left.view.startedAt != right.view.startedAt { return left.view.startedAt < right.view.startedAt }
        return left.id < right.id
    }
}
