import Foundation
import Oracle
import Testing

@testable import Operator

@Suite("Ranks by Zipf's law")
struct ZipfDistributionTests {
    @Test("have shares in proportion to a power of the rank", arguments: [0.8, 1.0])
    func shares(exponent: Double) {
        let zipf = ZipfDistribution(count: 1000, exponent: exponent)
        #expect(abs((0..<1000).reduce(0) { $0 + zipf.probability(of: $1) } - 1) < 1e-9)
        for rank in [1, 9, 99, 999] {
            let ratio = zipf.probability(of: 0) / zipf.probability(of: rank)
            #expect(abs(ratio / pow(Double(rank + 1), exponent) - 1) < 1e-6)
        }
    }

    @Test("are drawn as often as their share says", arguments: [1, 2, 3] as [UInt64])
    func draws(seed: UInt64) {
        let zipf = ZipfDistribution(count: 100, exponent: 1)
        var random = SeededGenerator(seed: seed)
        var counts = Array(repeating: 0, count: 100)
        let draws = 200_000
        for _ in 0..<draws { counts[zipf.draw(using: &random)] += 1 }
        for rank in 0..<100 {
            let expected = zipf.probability(of: rank) * Double(draws)
            // Five standard deviations.
            #expect(abs(Double(counts[rank]) - expected) < 5 * expected.squareRoot(), "rank \(rank)")
        }
    }

    @Test("of one there is only the first")
    func single() {
        let zipf = ZipfDistribution(count: 1, exponent: 1)
        var random = SeededGenerator(seed: 1)
        #expect((0..<100).allSatisfy { _ in zipf.draw(using: &random) == 0 })
    }
}
