import Foundation

/// How long sessions are, from the first event to the last: most are a glance, a few fill a day.
enum SessionLength {
    /// Quantiles, in seconds; between them the logarithm of the length grows evenly.
    static let quantiles: [(probability: Double, seconds: Double)] = [
        (0, 1), (0.1, 7), (0.5, 120), (0.9, 4700), (0.99, 24_000), (1, 43_200),
    ]

    /// - Parameter probability: 0 ... 1
    /// - Returns: milliseconds
    static func quantile(_ probability: Double) -> Int64 {
        let upper = quantiles.firstIndex { $0.probability >= probability && $0.probability > 0 } ?? quantiles.count - 1
        let (left, right) = (quantiles[upper - 1], quantiles[upper])
        let share = (probability - left.probability) / (right.probability - left.probability)
        return Int64(exp(log(left.seconds) * (1 - share) + log(right.seconds) * share) * 1000)
    }
}
