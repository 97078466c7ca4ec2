import HistoryStore
import Models

/// What of a member's changes one follower is sent. Pure.
///
/// Changes come at least once and not quite in order: what hides a session may come before a change of it that was committed earlier.
struct LiveFilter {
    /// Sessions whose revision is remembered; older ones may be sent twice, which their revision tells.
    private static let rememberedSessions = 1024

    private var revisions: [OpaqueID: Int64] = [:]
    private var hidden: [OpaqueID?: (until: Timestamp, revision: Int64)] = [:]
    private var erasedAt: Int64 = .min
    /// Sessions of this revision and before are left out, though the follower is still to be told why.
    private var leftOutAt: Int64 = .min

    /// - Parameter taken: what the member has taken out when the follower begins.
    init(_ taken: HistoryReader.TakenOut = .init()) {
        for (title, until) in taken.hidden { hidden[title] = (until, .min) }
        leftOutAt = taken.erasedAt ?? .min
    }

    /// Notes what changes will tell that are sent after others: what is hidden by them is not shown before.
    mutating func foresee(_ changes: some Sequence<HistoryChange>) {
        for change in changes {
            switch change.content {
            case .hidden(let title, let until):
                hidden[title] = (max(until, hidden[title]?.until ?? .min), hidden[title]?.revision ?? .min)
            case .erased: leftOutAt = max(leftOutAt, change.revision)
            case .session, .rowHidden: break
            }
        }
    }

    /// - Returns: whether the follower is to be told.
    mutating func admits(_ change: HistoryChange) -> Bool {
        guard change.revision > erasedAt else { return false }
        switch change.content {
        case .session(let id, let summary):
            guard change.revision > max(revisions[id] ?? .min, leftOutAt) else { return false }
            guard ![hidden[nil], hidden[summary.titleId]].contains(where: { $0.map { summary.lastWatchedAt <= $0.until } == true }) else {
                return false
            }
            if revisions.count >= Self.rememberedSessions { revisions = [:] }
            revisions[id] = change.revision
            return true
        case .hidden(let title, let until):
            guard change.revision > hidden[title]?.revision ?? .min else { return false }
            hidden[title] = (max(until, hidden[title]?.until ?? .min), change.revision)
            return true
        case .rowHidden: return true
        case .erased:
            erasedAt = change.revision
            revisions = [:]
            hidden = [:]
            return true
        }
    }
}
