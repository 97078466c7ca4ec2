import HistoryStore
import Models

/// What comes of comparing a session of both histories.
enum ShadowVerdict: Sendable, Hashable {
    case equal
    /// The shadow does not have it.
    case onlyHere
    /// The history does not have it.
    case onlyThere
    /// By name, with both values: expected is what members are shown.
    case differs([FieldDifference])
    /// Written lately, or copies are still on their way.
    case notSettled
    /// A copy of one of its events was not made, or an edge may still have to tell of one.
    case notCopied
    /// It did not begin and end while its member was shadowed: the two may differ.
    case notShadowed

    var isMismatch: Bool {
        switch self {
        case .onlyHere, .onlyThere, .differs: true
        case .equal, .notSettled, .notCopied, .notShadowed: false
        }
    }
}

/// Decides on pairs of sessions. Pure.
struct ShadowJudge: Sendable {
    /// Edges follow a change within a second; two clocks are a little apart.
    static let margin: Timestamp = 2000

    /// When whose events were copied.
    let routes: RouteHistory
    /// What was written later, in milliseconds since 1970, is not settled.
    let settledBefore: Timestamp
    /// An edge may have made no copy, and cannot tell.
    let copiesAreUncertain: Bool
    /// What ended before is removed from the history; nil for nothing.
    let keptSince: Timestamp?

    func verdict(on pair: ShadowPair) -> ShadowVerdict {
        // It is gone from one of the two before the other.
        guard !pair.memberIsErased else { return .notShadowed }
        guard let beganAt = pair.beganAt else { return verdictOnUnlisted(pair) }
        guard wasShadowed(pair, since: beganAt) else { return .notShadowed }
        guard pair.isCopied else { return .notCopied }
        if let history = pair.history, let shadow = pair.shadow, Self.differences(pair, history, shadow).isEmpty { return .equal }
        guard pair.writtenAt ?? .min < settledBefore, beganAt < settledBefore else { return .notSettled }
        if copiesAreUncertain { return .notCopied }
        return compare(pair)
    }

    /// What was not seen to begin here may have begun before: the shadow then has a part of it. But it must not have what is nowhere else.
    private func verdictOnUnlisted(_ pair: ShadowPair) -> ShadowVerdict {
        guard pair.history == nil, pair.isCopied, let shadow = pair.shadow else { return .notShadowed }
        guard pair.writtenAt ?? .min < settledBefore else { return .notSettled }
        if let keptSince, shadow.endedAt < keptSince { return .notShadowed }
        return copiesAreUncertain ? .notCopied : .onlyThere
    }

    private func compare(_ pair: ShadowPair) -> ShadowVerdict {
        switch (pair.history, pair.shadow) {
        // Removed from both, as what is too old is from the history.
        case (nil, nil): return .notShadowed
        case (_?, nil): return .onlyHere
        case (nil, let shadow?):
            if let keptSince, shadow.endedAt < keptSince { return .notShadowed }
            return .onlyThere
        case (let history?, let shadow?):
            return .differs(Self.differences(pair, history, shadow))
        }
    }

    /// Of the states, which everything is worked out from, and of what stands in the rows for readers.
    private static func differences(_ pair: ShadowPair, _ history: SessionState, _ shadow: SessionState) -> [FieldDifference] {
        let (shown, copied) = (pair.historyShown ?? history.summary, pair.shadowShown ?? shadow.summary)
        if history == shadow, shown == copied { return [] }
        var fields = FieldDifference.all(
            expected: SessionView(of: history.summary, history), actual: SessionView(of: shadow.summary, shadow))
        let named = Set(fields.map(\.name))
        fields += FieldDifference.all(expected: SessionView(of: shown, history), actual: SessionView(of: copied, shadow)).filter {
            !named.contains($0.name)
        }
        // What nobody is shown may differ too, as the times of the ends of runs.
        guard fields.isEmpty else { return fields }
        return [FieldDifference(name: FieldDifference.stateName, expected: "one", actual: "another with the same fields")]
    }

    /// Whether its member was shadowed from before it began until after it was written last.
    private func wasShadowed(_ pair: ShadowPair, since beganAt: Timestamp) -> Bool {
        routes.shadowing(of: pair.key.memberId).contains { stretch in
            guard stretch.from == .min || stretch.from + Self.margin <= beganAt else { return false }
            // Of a session from before, events may still have been in the streams, to be applied to the history alone.
            let started = (pair.history ?? pair.shadow)?.summary.startedAt
            guard !stretch.wasAsync || started ?? .min >= stretch.from else { return false }
            guard let end = stretch.to else { return true }
            // A compacted one has no such time.
            return pair.historyWrittenAt.map { $0 + Self.margin < end } ?? false
        }
    }
}

extension SessionView {
    init(of summary: SessionSummary, _ state: SessionState) {
        self.init(
            titleId: summary.titleId.text, startedAt: summary.startedAt, lastWatchedAt: summary.lastWatchedAt,
            positionMs: summary.positionMs, runtimeMs: summary.runtimeMs, watchedMs: summary.watchedMs, completed: summary.completed,
            deviceId: summary.deviceId, deviceType: summary.deviceType, missingEvents: summary.missingEvents,
            approximate: summary.approximate, sequenceRuns: state.sequenceRuns.map { [$0.lowerBound, $0.upperBound] })
    }
}
