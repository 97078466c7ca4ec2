import BlockingClient
import Testing

@Suite("The reconnect gate")
struct ReconnectGateTests {
    private let start = ContinuousClock.now
    private static let backoff = Backoff(base: .milliseconds(100), limit: .seconds(5))

    @Test("is open before anything failed")
    func openAtFirst() {
        #expect(ReconnectGate().isOpen(at: start))
    }

    @Test("closes with a failure and opens when the backoff is over", arguments: zip(1...8, [100, 200, 400, 800, 1600, 3200, 5000, 5000]))
    func closed(failures: Int, ceilingMs: Int) {
        let ceiling = Duration.milliseconds(ceilingMs)
        // Jitter differs from gate to gate; its bounds do not.
        for _ in 0..<100 {
            var gate = ReconnectGate(backoff: Self.backoff)
            for _ in 0..<failures { _ = gate.failed(at: start) }
            #expect(!gate.isOpen(at: start))
            #expect(!gate.isOpen(at: start + ceiling * 0.0999))
            #expect(gate.isOpen(at: start + ceiling))
            #expect(gate.isOpen(at: start + .seconds(3600)))
        }
    }

    @Test("waits from the latest failure on")
    func latestFailure() {
        var gate = ReconnectGate(backoff: Self.backoff)
        _ = gate.failed(at: start)
        let later = start + .seconds(10)
        _ = gate.failed(at: later)
        #expect(!gate.isOpen(at: later))
        #expect(gate.isOpen(at: later + .milliseconds(200)))
    }

    @Test("being asked changes nothing")
    func asking() {
        var gate = ReconnectGate(backoff: Self.backoff)
        _ = gate.failed(at: start)
        for _ in 0..<100 { #expect(gate.isOpen(at: start + .seconds(1))) }
        #expect(!gate.isOpen(at: start))
    }

    @Test("of failures in a row only the first is reported, and the success after them once")
    func reports() {
        var gate = ReconnectGate(backoff: Self.backoff)
        let failures = (0..<50).map { gate.failed(at: start + .seconds($0)) }
        #expect(failures == [true] + Array(repeating: false, count: 49))
        let successes = (0..<3).map { _ in gate.succeeded() }
        #expect(successes == [true, false, false])
        // The next trouble is a trouble of its own.
        let nextTrouble = (gate.failed(at: start), gate.succeeded())
        #expect(nextTrouble == (true, true))
    }

    @Test("the first connection ever is no news")
    func firstSuccess() {
        var gate = ReconnectGate()
        let isNews = gate.succeeded()
        #expect(!isNews)
    }

    @Test("a success opens it at once and makes the next wait short again")
    func success() {
        var gate = ReconnectGate(backoff: Self.backoff)
        for _ in 0..<20 { _ = gate.failed(at: start) }
        _ = gate.succeeded()
        #expect(gate.isOpen(at: start))
        _ = gate.failed(at: start)
        #expect(!gate.isOpen(at: start))
        #expect(gate.isOpen(at: start + .milliseconds(100)))
    }
}
