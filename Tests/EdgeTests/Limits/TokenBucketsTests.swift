import Testing

@testable import Edge

@Suite("The token buckets") struct TokenBucketsTests {
    /// A table that counts.
    private final class Counted {
        private var buckets: TokenBuckets

        init(_ buckets: TokenBuckets) { self.buckets = buckets }

        /// - Returns: how many of so many are taken.
        func taken(_ count: Int, hash: Int = 1, nowMs: Int64) -> Int {
            (0..<count).count { _ in buckets.take(hash: hash, nowMs: nowMs) }
        }
    }

    @Test("let a burst through, then the rate")
    func rate() {
        let buckets = Counted(TokenBuckets(ratePerSecond: 5, burstSeconds: 10))
        #expect(buckets.taken(60, nowMs: 0) == 50)
        #expect(buckets.taken(10, nowMs: 199) == 0)
        #expect(buckets.taken(10, nowMs: 200) == 1)
        #expect(buckets.taken(10, nowMs: 1200) == 5)
        #expect(buckets.taken(100, nowMs: 1_000_000) == 50, "no more than a burst is saved up")
    }

    @Test("of one key leave those of others alone, and share a bucket only by their hash")
    func keys() {
        let buckets = Counted(TokenBuckets(ratePerSecond: 1, burstSeconds: 3, count: 8))
        #expect(buckets.taken(5, hash: 1, nowMs: 0) == 3)
        #expect(buckets.taken(5, hash: 2, nowMs: 0) == 3)
        #expect(buckets.taken(5, hash: 9, nowMs: 0) == 0)
        #expect(buckets.taken(5, hash: .min, nowMs: 0) == 3)
        #expect(buckets.taken(5, hash: -1, nowMs: 0) == 3)
    }

    @Test("are not fooled by a clock that goes back")
    func clock() {
        let buckets = Counted(TokenBuckets(ratePerSecond: 1, burstSeconds: 1))
        #expect(buckets.taken(2, nowMs: 5000) == 1)
        #expect(buckets.taken(2, nowMs: 0) == 0)
        #expect(buckets.taken(2, nowMs: 5500) == 0)
        #expect(buckets.taken(2, nowMs: 6000) == 1)
    }
}
