import Models
import Testing

@testable import Operator

@Suite("The steps of a ramp")
struct RampStateTests {
    private func state(steps: [Int] = [100, 500, 10_000], compares: Bool = false, at share: Int? = nil) -> RampState {
        let plan = RampPlan(steps: steps, soakMs: 10_000, shadow: 2000, compares: compares, settleMs: 5000, leastCompared: 10)
        var state = RampState(plan: plan, start: 0, deadLetters: 7, now: 0)
        if let share { state.took(share, deadLetters: 7, now: 0) }
        return state
    }

    private func seen(_ async: Int, _ change: (inout RampObservation) -> Void = { _ in }) -> RampObservation {
        var seen = RampObservation(
            async: async, shadow: min(2000, 10_000 - async), liveEdges: 2, edgesBehind: 0, applyDelayMs: 0, spooledEvents: 0,
            requests: 1000,
            failedRequests: 0, deadLetters: 7, comparison: nil, elapsedMs: 4000, now: 1000)
        change(&seen)
        return seen
    }

    private func compared(
        _ async: Int, at beganAt: Timestamp?, compared: Int = 12, mismatches: Int = 0, uncertainty: String? = nil, now: Timestamp = 1000
    ) -> RampObservation {
        seen(async) {
            $0.now = now
            $0.comparison = .init(
                beganAt: beganAt, compared: compared, mismatches: mismatches, example: "positionMs of s-1", uncertainty: uncertainty)
        }
    }

    @Test("each step is watched for the soak time")
    func steps() {
        var state = state()
        var taken: [Int] = []
        var looks = 0
        while looks < 50 {
            looks += 1
            switch state.decide(on: seen(state.share)) {
            case .advance(let slots):
                taken.append(slots)
                state.took(slots, deadLetters: 7, now: 0)
            case .stay: continue
            case .finish:
                #expect(taken == [100, 500, 10_000] && looks == 1 + 3 * 3, "a look of 4 s each, three of them for 10 s")
                return
            default: Issue.record("it should not go back")
            }
        }
        Issue.record("it never ends")
    }

    @Test("a step whose answer was lost is taken once more, whether it was taken or not", arguments: [100, 500])
    func lostAnswer(async: Int) {
        var state = state(at: 100)
        state.intended = 500
        guard case .advance(500) = state.decide(on: seen(async)) else {
            Issue.record("it must not take its own step for somebody else's")
            return
        }
        state.took(500, deadLetters: 7, now: 0)
        guard case .stay = state.decide(on: seen(500)) else {
            Issue.record("it watches the step then")
            return
        }
    }

    @Test("time does not count as watched where nothing can be told from it")
    func doubts() {
        for doubt: (inout RampObservation) -> Void in [
            { $0.liveEdges = 0 }, { $0.edgesBehind = 1 }, { $0.spooledEvents = 1 }, { $0.deadLetters = nil },
        ] {
            var state = state(at: 100)
            for _ in 0..<7 { #expect(state.decide(on: seen(100, doubt)).isStay) }
            #expect(state.watched.soakedMs == 0)
        }
        var quiet = state(at: 100)
        for _ in 0..<7 { #expect(quiet.decide(on: seen(100) { $0.requests = 2 }).isStay) }
        for _ in 0..<2 { #expect(quiet.decide(on: seen(100) { $0.requests = 2 }).isStay) }
        #expect(quiet.decide(on: seen(100) { $0.requests = 2 }) == .advance(500), "20 requests say something")
    }

    @Test("where members are shadowed, a comparison must begin after the soak and the settling, and compare something")
    func comparison() {
        var state = state(compares: true, at: 100)
        for _ in 0..<2 { #expect(state.decide(on: compared(100, at: 900)).isStay) }
        #expect(state.decide(on: compared(100, at: 900, now: 5000)).isStay)
        #expect(state.decide(on: compared(100, at: nil, now: 12_000)).isStay)
        #expect(state.decide(on: compared(100, at: 9999, now: 12_000)).isStay)
        #expect(state.decide(on: compared(100, at: 10_000, compared: 9, now: 12_000)).isStay, "too few were compared")
        #expect(state.decide(on: compared(100, at: 10_000, uncertainty: "edge e is silent", now: 12_000)).isStay)
        #expect(state.decide(on: compared(100, at: 10_000, now: 12_000)) == .advance(500))
        // At 100 % nobody is left to be shadowed.
        var last = self.state(compares: true, at: 10_000)
        for _ in 0..<2 { #expect(last.decide(on: seen(10_000)).isStay) }
        #expect(last.decide(on: seen(10_000)) == .finish)
    }

    @Test("before the first step the present share is compared, and what differs there ends the ramp")
    func start() {
        var state = state(compares: true)
        for _ in 0..<3 { #expect(state.decide(on: compared(0, at: 1)).isStay) }
        #expect(state.decide(on: compared(0, at: 50_000, now: 60_000)) == .advance(100))
        var differing = self.state(compares: true)
        guard case .giveUp(let reason) = differing.decide(on: compared(0, at: 1, mismatches: 1)) else {
            Issue.record("it should not begin")
            return
        }
        #expect(reason.contains("not begun: 1 sessions differ"))
        var late = self.state()
        #expect(late.decide(on: seen(0) { $0.applyDelayMs = 40_000 }).isStay, "a delay may pass")
        #expect(late.decide(on: seen(0)) == .advance(100))
    }

    @Test("each broken limit takes the step back, and says why")
    func limits() {
        let cases: [(RampObservation, String)] = [
            (compared(500, at: 1, mismatches: 1), "1 sessions differ from the shadow, allowed are 0; the first: positionMs of s-1"),
            (seen(500) { $0.deadLetters = 8 }, "1 dead letters"), (seen(500) { $0.applyDelayMs = 30_001 }, "30001 ms"),
            (seen(500) { $0.failedRequests = 11 }, "11 of 1000 requests failed, allowed are 1 %"),
        ]
        for (observation, words) in cases {
            var state = state(compares: true, at: 500)
            guard case .goBack(100, let reason) = state.decide(on: observation) else {
                Issue.record("it goes on: \(words)")
                continue
            }
            #expect(reason.contains(words))
        }
        var state = state(at: 500)
        #expect(
            state.decide(
                on: seen(500) {
                    $0.applyDelayMs = 30_000
                    $0.failedRequests = 10
                }
            ).isStay, "at the limit")
    }

    @Test("few requests at a time are judged together, and spooled events wait too")
    func together() {
        var state = state(at: 500)
        for _ in 0..<3 {
            #expect(
                state.decide(
                    on: seen(500) {
                        $0.requests = 6
                        $0.failedRequests = 6
                    }
                ).isStay)
        }
        #expect(
            state.decide(
                on: seen(500) {
                    $0.requests = 6
                    $0.failedRequests = 6
                }
            ).goesBackTo == 100)
        var spooling = self.state(at: 500)
        for _ in 0..<7 { #expect(spooling.decide(on: seen(500) { $0.spooledEvents = 3 }).isStay) }
        #expect(spooling.decide(on: seen(500) { $0.spooledEvents = 3 }).goesBackTo == 100, "32 s without a break")
    }

    @Test("the first step goes back to where it began; after that it can be gone on with")
    func backAndOn() {
        var state = state(compares: true, at: 100)
        #expect(state.decide(on: compared(100, at: 1, mismatches: 3)).goesBackTo == 0)
        state.status = .wentBack
        state.took(0, deadLetters: 9, now: 3000)
        #expect(state.share == 0)
        state.resume(deadLetters: 9, async: 0, now: 4000)
        #expect(state.stepBeganAt == 4000 && state.status == .running)
        #expect(state.decide(on: compared(0, at: 1)).isStay, "it watches again first")
    }

    @Test("an interruption between routing and noting it is no stranger's change")
    func interrupted() {
        var state = state(at: 100)
        state.intended = 500
        state.resume(deadLetters: 7, async: 500, now: 4000)
        #expect(state.share == 500 && state.intended == nil)
        #expect(state.decide(on: seen(500)).isStay)
        var before = self.state(at: 100)
        before.intended = 500
        before.resume(deadLetters: 7, async: 100, now: 4000)
        #expect(before.share == 100 && before.intended == nil)
    }

    @Test("whoever changes the routing by hand has it")
    func byHand() {
        for observation in [seen(2500), seen(100) { $0.shadow = 0 }] {
            var state = state(at: 100)
            guard case .giveUp = state.decide(on: observation) else {
                Issue.record("it should give up")
                continue
            }
        }
    }
}

extension RampState.Decision {
    fileprivate var isStay: Bool { if case .stay = self { true } else { false } }
    fileprivate var goesBackTo: Int? { if case .goBack(let slots, _) = self { slots } else { nil } }
}
