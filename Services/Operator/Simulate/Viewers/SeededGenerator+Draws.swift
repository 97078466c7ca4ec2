import Foundation
import Oracle

extension SeededGenerator {
    /// 0 ..< 1, evenly.
    mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// True with this probability.
    mutating func happens(_ probability: Double) -> Bool {
        fraction() < probability
    }

    mutating func integer(in range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self)
    }

    /// Evenly on a logarithmic scale: as often from 1 to 10 as from 10 to 100.
    mutating func logarithmic(in range: ClosedRange<Int64>) -> Int64 {
        let low = log(Double(range.lowerBound))
        return Int64(exp(low + fraction() * (log(Double(range.upperBound)) - low)))
    }

    /// The wait until the next of events that come independently of each other.
    mutating func exponential(mean: Double) -> Double {
        -log(1 - fraction()) * mean
    }
}
