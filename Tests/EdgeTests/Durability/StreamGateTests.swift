import BlockingClient
import Testing

@testable import Edge

@Suite("The gate to the streams") struct StreamGateTests {
    private let start = ContinuousClock.now

    private func gate() -> StreamGate { StreamGate(at: start) }

    private func takingGate() -> StreamGate {
        var gate = gate()
        _ = gate.probeSucceeded(at: start)
        return gate
    }

    @Test("is open at first, with a probe due at once")
    func starts() {
        let gate = gate()
        #expect(!gate.isTaking)
        #expect(gate.wantsProbe(at: start))
    }

    @Test("opens with the first failure, and says so once")
    func opens() {
        var gate = takingGate()
        #expect(gate.isTaking && !gate.wantsProbe(at: start + .seconds(100)))
        let opens = gate.failed("first", at: start)
        #expect(opens)
        #expect(!gate.isTaking)
        guard case .open(let reason, let nextProbe) = gate.state else { return }
        let opensAgain = gate.failed("second", at: start + .seconds(1))
        #expect(!opensAgain)
        #expect(gate.state == .open(reason: reason, nextProbe: nextProbe), "later failures neither rename it nor put the probe off")
        #expect(reason == "first" && nextProbe >= start + .milliseconds(10) && nextProbe <= start + .milliseconds(100))
        #expect(!gate.wantsProbe(at: nextProbe - .microseconds(1)) && gate.wantsProbe(at: nextProbe))
    }

    @Test("probes with growing waits, 5 s at most, and closes with the first that succeeds")
    func probes() {
        var gate = takingGate()
        _ = gate.failed("x", at: start)
        var longest: Duration = .zero
        for number in 1...40 {
            gate.probeFailed("probe \(number)", at: start)
            guard case .open(let reason, let nextProbe) = gate.state else {
                Issue.record("a failed probe closed it")
                return
            }
            #expect(reason == "probe \(number)")
            let ceiling = min(Duration.milliseconds(100) * (1 << min(number, 20)), .seconds(5))
            #expect(nextProbe - start <= ceiling && nextProbe - start >= ceiling / 10)
            longest = max(longest, nextProbe - start)
        }
        #expect(longest > .seconds(2))
        let reason = gate.probeSucceeded(at: start)
        #expect(reason == "probe 40" && gate.isTaking)
        let noReason = gate.probeSucceeded(at: start)
        #expect(noReason == nil)
    }

    @Test("that opens again at once goes on with the long waits, one that held does not")
    func reopens() {
        func waitAfter(_ held: Duration) -> Duration {
            var least = Duration.seconds(100)
            // The waits are drawn at random: the least of many tells which ceiling they have.
            for _ in 0..<200 {
                var gate = takingGate()
                _ = gate.failed("x", at: start)
                for _ in 0..<10 { gate.probeFailed("x", at: start) }
                _ = gate.probeSucceeded(at: start)
                _ = gate.failed("again", at: start + held)
                guard case .open(_, let nextProbe) = gate.state else { continue }
                least = min(least, nextProbe - start - held)
            }
            return least
        }
        #expect(waitAfter(.seconds(1)) >= .milliseconds(500))
        #expect(waitAfter(.seconds(6)) < .milliseconds(100))
    }
}
