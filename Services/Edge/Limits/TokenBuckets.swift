/// Token buckets in a table of fixed size, so that no number of members takes more memory. Pure.
///
/// Keys share the buckets by their hash: two busy ones in the same bucket share its rate too. With n busy keys the chance that a given one
/// shares its own is about n divided by the number of buckets.
struct TokenBuckets: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAtMs: Int64
    }

    private var buckets: [Bucket?]
    private let ratePerSecond: Double
    private let burst: Double

    /// - Parameters:
    ///   - ratePerSecond: above 0.
    ///   - burstSeconds: how many seconds' worth a bucket holds that was not used.
    ///   - count: of buckets.
    init(ratePerSecond: Int, burstSeconds: Int = 10, count: Int = 1 << 16) {
        buckets = Array(repeating: nil, count: count)
        self.ratePerSecond = Double(ratePerSecond)
        burst = Double(ratePerSecond * burstSeconds)
    }

    /// Takes one token.
    /// - Parameter nowMs: of a clock that does not go back.
    /// - Returns: false where none is left.
    mutating func take(hash: Int, nowMs: Int64) -> Bool {
        let index = Int(UInt(bitPattern: hash) % UInt(buckets.count))
        var bucket = buckets[index] ?? Bucket(tokens: burst, filledAtMs: nowMs)
        let elapsed = max(nowMs - bucket.filledAtMs, 0)
        bucket.tokens = min(bucket.tokens + Double(elapsed) / 1000 * ratePerSecond, burst)
        bucket.filledAtMs += elapsed
        let isLeft = bucket.tokens >= 1
        if isLeft { bucket.tokens -= 1 }
        buckets[index] = bucket
        return isLeft
    }
}
