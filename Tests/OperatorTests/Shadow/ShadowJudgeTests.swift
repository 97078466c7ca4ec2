import HistoryStore
import Models
import TestSupport
import Testing

@testable import Operator

@Suite("What comes of comparing a session")
struct ShadowJudgeTests {
    private let state = SessionState(.sample(seq: 0))
    private let other = SessionState(.sample(seq: 0, positionMs: 5))

    private static func change(_ at: Timestamp, _ from: Route, _ to: Route) -> RouteHistory.Change {
        func table(_ route: Route) -> RoutingTable { RoutingTable(async: .none, shadow: .none, pins: ["m-42": route]) }
        return RouteHistory.Change(at: at, from: table(from), to: table(to), by: "test")
    }

    /// Shadowed from 10 s to 100 s.
    private func judge(settledBefore: Timestamp = 80_000, uncertain: Bool = false, keptSince: Timestamp? = nil) -> ShadowJudge {
        ShadowJudge(
            routes: RouteHistory([Self.change(10_000, .sync, .shadow), Self.change(100_000, .shadow, .async)]),
            settledBefore: settledBefore,
            copiesAreUncertain: uncertain, keptSince: keptSince)
    }

    private func pair(
        began: Timestamp? = 20_000, written: Timestamp = 50_000, copied: Bool = true, history: SessionState?, shadow: SessionState?
    ) -> ShadowPair {
        ShadowPair(
            key: SessionKey(memberId: "m-42", sessionId: "s-1"), beganAt: began, isCopied: copied, writtenAt: written,
            historyWrittenAt: written,
            history: history, shadow: shadow)
    }

    @Test("equal, only here, only there, differing")
    func kinds() {
        #expect(judge().verdict(on: pair(history: state, shadow: state)) == .equal)
        #expect(judge().verdict(on: pair(history: state, shadow: nil)) == .onlyHere)
        #expect(judge().verdict(on: pair(history: nil, shadow: state)) == .onlyThere)
        #expect(judge().verdict(on: pair(began: nil, history: nil, shadow: state)) == .onlyThere)
        guard case .differs(let fields) = judge().verdict(on: pair(history: state, shadow: other)) else {
            Issue.record("they differ")
            return
        }
        #expect(fields == [FieldDifference(name: "positionMs", expected: "0", actual: "5")])
    }

    @Test("what a row shows counts as much as its state")
    func shown() {
        var pair = pair(history: state, shadow: state)
        pair.historyShown = state.summary
        pair.shadowShown = state.summary
        #expect(judge().verdict(on: pair) == .equal)
        pair.historyShown?.positionMs = 777
        #expect(
            judge().verdict(on: pair) == .differs([FieldDifference(name: "positionMs", expected: "777", actual: "0")]))
        pair.shadow = other
        pair.shadowShown?.watchedMs = 9
        guard case .differs(let fields) = judge().verdict(on: pair) else {
            Issue.record("they differ")
            return
        }
        #expect(fields.map(\.name) == ["positionMs", "watchedMs"] && fields[0].actual == "5", "\(fields)")
    }

    @Test("what was written lately is not settled, unless it is equal")
    func settled() {
        #expect(judge().verdict(on: pair(written: 80_000, history: state, shadow: other)) == .notSettled)
        #expect(judge().verdict(on: pair(written: 80_000, history: state, shadow: nil)) == .notSettled)
        #expect(judge().verdict(on: pair(began: nil, written: 80_000, history: nil, shadow: state)) == .notSettled)
        #expect(judge().verdict(on: pair(written: 80_000, history: state, shadow: state)) == .equal)
        #expect(judge().verdict(on: pair(written: 79_999, history: state, shadow: nil)) == .onlyHere)
    }

    @Test("a copy that was not made is no mismatch")
    func notCopied() {
        #expect(judge().verdict(on: pair(copied: false, history: state, shadow: nil)) == .notCopied)
        #expect(judge(uncertain: true).verdict(on: pair(history: state, shadow: nil)) == .notCopied)
        #expect(judge(uncertain: true).verdict(on: pair(history: state, shadow: state)) == .equal)
    }

    @Test("what began too early, or went on too long, is left out")
    func notShadowed() {
        #expect(judge().verdict(on: pair(began: nil, history: state, shadow: other)) == .notShadowed)
        #expect(judge().verdict(on: pair(began: 11_999, history: state, shadow: other)) == .notShadowed)
        #expect(judge().verdict(on: pair(began: 12_000, history: state, shadow: other)).isMismatch)
        let late = judge(settledBefore: 200_000)
        #expect(late.verdict(on: pair(written: 98_000, history: state, shadow: other)) == .notShadowed)
        #expect(late.verdict(on: pair(written: 97_999, history: state, shadow: other)).isMismatch)
    }

    @Test("of a member that went asynchronous before, only what was watched later: the rest may still be in the streams")
    func backlog() {
        let start = state.summary.startedAt
        func verdict(_ former: Route, from: Timestamp) -> ShadowVerdict {
            let judge = ShadowJudge(
                routes: RouteHistory([Self.change(from, former, .shadow)]), settledBefore: start + 1_000_000, copiesAreUncertain: false,
                keptSince: nil)
            return judge.verdict(on: pair(began: start + 500_000, written: start + 500_000, history: state, shadow: other))
        }
        #expect(verdict(.async, from: start + 1) == .notShadowed)
        #expect(verdict(.async, from: start).isMismatch)
        #expect(verdict(.sync, from: start + 1).isMismatch)
    }

    @Test("who is erased is gone from one before the other")
    func erased() {
        var gone = pair(history: state, shadow: nil)
        gone.memberIsErased = true
        #expect(judge().verdict(on: gone) == .notShadowed)
    }

    @Test("what is removed from the history as it is too old is no mismatch")
    func retention() {
        let ended = state.endedAt
        #expect(judge(keptSince: ended + 1).verdict(on: pair(history: nil, shadow: state)) == .notShadowed)
        #expect(judge(keptSince: ended).verdict(on: pair(history: nil, shadow: state)) == .onlyThere)
        #expect(judge().verdict(on: pair(history: nil, shadow: nil)) == .notShadowed)
    }
}
