import BlockingClient
import Oracle
import Testing

@Suite("Backoff")
struct BackoffTests {
    private static let base: Duration = .milliseconds(100)
    private static let limit: Duration = .seconds(5)

    /// The wait after as many failures as `failures`, the last one included.
    private static func wait(
        afterFailures failures: Int, base: Duration = base, limit: Duration = limit, using random: inout SeededGenerator
    ) -> Duration {
        var backoff = Backoff(base: base, limit: limit)
        for _ in 1..<failures { _ = backoff.next(using: &random) }
        return backoff.next(using: &random)
    }

    @Test(
        "doubles its ceiling with each failure, up to the limit", arguments: zip(1...9, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]))
    func ceiling(failures: Int, ceilingMs: Int) {
        var random = SeededGenerator(seed: UInt64(failures))
        let waits = (0..<2000).map { _ in Self.wait(afterFailures: failures, using: &random) }
        let ceiling = Duration.milliseconds(ceilingMs)
        #expect(waits.allSatisfy { $0 >= ceiling * 0.1 && $0 <= ceiling })
        // The whole range is used, so that clients of one server part.
        #expect(waits.contains { $0 < ceiling * 0.12 } && waits.contains { $0 > ceiling * 0.98 })
        #expect(waits.contains { $0 > ceiling * 0.5 && $0 < ceiling * 0.6 })
    }

    @Test("stays at the limit however long the trouble lasts")
    func longTrouble() {
        var random = SeededGenerator(seed: 1)
        var backoff = Backoff(base: Self.base, limit: Self.limit)
        for failure in 1...10_000 {
            let wait = backoff.next(using: &random)
            #expect(wait > .zero && wait <= Self.limit, "failure \(failure)")
            #expect(backoff.failures == failure)
        }
    }

    @Test("never waits longer than the limit, even where the base is longer")
    func baseAboveLimit() {
        var random = SeededGenerator(seed: 2)
        for failures in 1...5 {
            let wait = Self.wait(afterFailures: failures, base: .seconds(60), limit: .seconds(1), using: &random)
            #expect(wait <= .seconds(1))
        }
    }

    @Test("waits shortly again after a reset")
    func reset() {
        var random = SeededGenerator(seed: 3)
        var backoff = Backoff(base: Self.base, limit: Self.limit)
        for _ in 0..<20 { _ = backoff.next(using: &random) }
        backoff.reset()
        #expect(backoff.failures == 0)
        let (first, second) = (backoff.next(using: &random), backoff.next(using: &random))
        #expect(first <= Self.base && second <= Self.base * 2)
    }

    @Test("the same seed waits the same, another one differently")
    func seeded() {
        func waits(seed: UInt64) -> [Duration] {
            var random = SeededGenerator(seed: seed)
            var backoff = Backoff()
            return (0..<10).map { _ in backoff.next(using: &random) }
        }
        #expect(waits(seed: 4) == waits(seed: 4))
        #expect(waits(seed: 4) != waits(seed: 5))
    }

    @Test("the system's generator keeps the same bounds, from 100 ms to 5 s unless told otherwise")
    func defaults() {
        for _ in 0..<200 {
            var backoff = Backoff()
            for ceiling in [100, 200, 400, 800, 1600, 3200, 5000, 5000].map(Duration.milliseconds) {
                let wait = backoff.next()
                #expect(wait >= ceiling * 0.1 && wait <= ceiling)
            }
        }
    }
}
