/// What members viewed of a title in sessions that started on one day, by UTC.
public struct ViewingDay: Sendable, Hashable {
    public var views: Int64 = 0
    /// Clients may claim any watch time, and no sum of it may overflow.
    public var watchedMs: Int128 = 0
    public var completions: Int64 = 0
    /// Distinct members.
    public var viewers: Int64 = 0

    public init(views: Int64 = 0, watchedMs: Int128 = 0, completions: Int64 = 0, viewers: Int64 = 0) {
        self.views = views
        self.watchedMs = watchedMs
        self.completions = completions
        self.viewers = viewers
    }

    public static func += (left: inout ViewingDay, right: ViewingDay) {
        left.views += right.views
        left.watchedMs += right.watchedMs
        left.completions += right.completions
        left.viewers += right.viewers
    }

    public static prefix func - (day: ViewingDay) -> ViewingDay {
        ViewingDay(views: -day.views, watchedMs: -day.watchedMs, completions: -day.completions, viewers: -day.viewers)
    }
}

/// Which title, on which day.
public struct TitleDay: Sendable, Hashable, Comparable {
    public static let milliseconds: Int64 = 86_400_000

    public var titleId: OpaqueID
    /// Days since 1970-01-01.
    public var day: Int64

    public init(titleId: OpaqueID, day: Int64) {
        self.titleId = titleId
        self.day = day
    }

    public init(of summary: SessionSummary) {
        self.init(titleId: summary.titleId, day: Self.day(of: summary.startedAt))
    }

    /// - Parameter time: not before 1970, as no `startedAt` is.
    public static func day(of time: Timestamp) -> Int64 { time / milliseconds }

    /// The order in which rows are locked.
    public static func < (left: TitleDay, right: TitleDay) -> Bool {
        left.titleId == right.titleId ? left.day < right.day : left.titleId < right.titleId
    }
}

/// What one member's sessions are to the sums over all members.
public enum Viewing {
    /// - Parameters:
    ///   - sessions: that are counted, or no longer are.
    ///   - known: what the member viewed when in other sessions that are counted: a member is one viewer however many there are.
    public static func of(_ sessions: [SessionSummary], besideViewingOf known: Set<TitleDay>) -> [TitleDay: ViewingDay] {
        var days: [TitleDay: ViewingDay] = [:]
        for session in sessions {
            let key = TitleDay(of: session)
            days[key, default: ViewingDay(viewers: known.contains(key) ? 0 : 1)] += ViewingDay(
                views: 1, watchedMs: Int128(session.watchedMs), completions: session.completed ? 1 : 0)
        }
        return days
    }
}
