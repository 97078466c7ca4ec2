import Foundation
import Oracle

/// Ranks by popularity: rank k is drawn in proportion to 1 / (k + 1)^exponent, so that few members and titles have most of the viewing.
struct ZipfDistribution: Sendable {
    /// The probability of each rank or a lower one.
    private let cumulative: [Double]

    init(count: Int, exponent: Double) {
        var sum = 0.0
        var cumulative: [Double] = []
        cumulative.reserveCapacity(count)
        for rank in 1...count {
            sum += pow(Double(rank), -exponent)
            cumulative.append(sum)
        }
        self.cumulative = cumulative.map { $0 / sum }
    }

    /// The share of a rank, from 0.
    func probability(of rank: Int) -> Double {
        rank == 0 ? cumulative[0] : cumulative[rank] - cumulative[rank - 1]
    }

    /// A rank, from 0.
    func draw(using random: inout SeededGenerator) -> Int {
        let wanted = random.fraction()
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
