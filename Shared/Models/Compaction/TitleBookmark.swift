/// Where a title was left off in one session: what a bookmark and a row of continue-watching tell of it.
public struct TitleBookmark: Sendable, Hashable {
    public var titleId: OpaqueID
    public var sessionId: OpaqueID
    public var startedAt: Timestamp
    public var lastWatchedAt: Timestamp
    public var positionMs: Int64
    public var runtimeMs: Int64?
    public var completed: Bool
    /// Whether the session has earned watch credit.
    public var hasCredit: Bool

    public init(
        titleId: OpaqueID, sessionId: OpaqueID, startedAt: Timestamp, lastWatchedAt: Timestamp, positionMs: Int64, runtimeMs: Int64?,
        completed: Bool, hasCredit: Bool
    ) {
        self.titleId = titleId
        self.sessionId = sessionId
        self.startedAt = startedAt
        self.lastWatchedAt = lastWatchedAt
        self.positionMs = positionMs
        self.runtimeMs = runtimeMs
        self.completed = completed
        self.hasCredit = hasCredit
    }

    public init(sessionId: OpaqueID, _ summary: SessionSummary) {
        self.init(
            titleId: summary.titleId, sessionId: sessionId, startedAt: summary.startedAt, lastWatchedAt: summary.lastWatchedAt,
            positionMs: summary.positionMs, runtimeMs: summary.runtimeMs, completed: summary.completed, hasCredit: summary.watchedMs > 0)
    }

    /// Where to start playing: at the beginning of a title watched to its end.
    public var resumePositionMs: Int64 { completed ? 0 : positionMs }

    /// Whether the title's bookmark comes from this session rather than from the other: the greatest `lastWatchedAt` among those with credit;
    /// if none has any, the latest. Ties: later `startedAt`, then the greater id.
    public func precedes(_ other: TitleBookmark) -> Bool {
        if hasCredit != other.hasCredit { return hasCredit }
        return isLater(than: other)
    }

    /// The order of continue-watching.
    public func isLater(than other: TitleBookmark) -> Bool {
        if lastWatchedAt != other.lastWatchedAt { return lastWatchedAt > other.lastWatchedAt }
        if startedAt != other.startedAt { return startedAt > other.startedAt }
        return other.sessionId < sessionId
    }
}

/// What has to be known of many sessions of one title, so that its bookmark can be told whatever of them is hidden.
///
/// Hiding takes out what was last watched until a time. So of the sessions with credit only the latest can ever be the bookmark: where that is
/// hidden, so are the others. Of those without credit the latest can, and only if it is later than that.
public struct TitleBookmarks: Sendable, Hashable {
    /// The latest with credit, and without; the latter nil where it could never be shown.
    public private(set) var credited: TitleBookmark?
    public private(set) var uncredited: TitleBookmark?

    public init() {}

    public init(_ bookmarks: some Sequence<TitleBookmark>) {
        for bookmark in bookmarks { note(bookmark) }
    }

    public mutating func note(_ bookmark: TitleBookmark) {
        if bookmark.hasCredit {
            if credited.map(bookmark.isLater) ?? true { credited = bookmark }
        } else if uncredited.map(bookmark.isLater) ?? true {
            uncredited = bookmark
        }
        if let with = credited, let without = uncredited, without.lastWatchedAt <= with.lastWatchedAt { uncredited = nil }
    }

    /// Both, the one with credit first.
    public var all: [TitleBookmark] { [credited, uncredited].compactMap { $0 } }

    /// The title's bookmark.
    /// - Parameter hiddenUntil: what was last watched then or before is left out.
    public func bookmark(hiddenUntil: Timestamp? = nil) -> TitleBookmark? {
        all.first { bookmark in hiddenUntil.map { bookmark.lastWatchedAt > $0 } ?? true }
    }
}
