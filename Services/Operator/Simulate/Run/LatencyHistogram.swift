/// Counts durations in buckets that grow with the value, so that any percentile of millions is known to about three percent from a few
/// kilobytes.
struct LatencyHistogram: Sendable, Hashable {
    /// Buckets to each power of two.
    private static let resolution = 32
    private static let resolutionBits = 5

    private var counts: [Int] = []
    private(set) var count = 0
    private(set) var maximum = Duration.zero

    mutating func record(_ duration: Duration) {
        let bucket = Self.bucket(of: UInt64(max(duration / .microseconds(1), 0)))
        if bucket >= counts.count { counts += Array(repeating: 0, count: bucket + 1 - counts.count) }
        counts[bucket] += 1
        count += 1
        maximum = max(maximum, duration)
    }

    /// The duration that this share of all did not exceed; nil where nothing was recorded.
    /// - Parameter share: 0 ... 1
    func percentile(_ share: Double) -> Duration? {
        guard count > 0 else { return nil }
        let wanted = max(Int((share * Double(count)).rounded(.up)), 1)
        var seen = 0
        for (bucket, number) in counts.enumerated() {
            seen += number
            if seen >= wanted { return min(.microseconds(Self.upperBound(of: bucket)), maximum) }
        }
        return maximum
    }

    /// Up to ``resolution`` a bucket for each microsecond, above it ``resolution`` for each power of two.
    private static func bucket(of microseconds: UInt64) -> Int {
        let shift = max(UInt64.bitWidth - microseconds.leadingZeroBitCount - resolutionBits - 1, 0)
        return shift * resolution + Int(microseconds >> shift)
    }

    /// The greatest value in a bucket.
    private static func upperBound(of bucket: Int) -> Int64 {
        guard bucket >= 2 * resolution else { return Int64(bucket) }
        let shift = bucket / resolution - 1
        return (Int64(bucket - shift * resolution) + 1) << shift - 1
    }
}
