import Oracle
import Testing

@testable import Operator

@Suite("The histogram of latencies")
struct LatencyHistogramTests {
    @Test("tells percentiles to three percent", arguments: [1, 100, 100_000_000] as [Int64])
    func percentiles(largest: Int64) throws {
        var random = SeededGenerator(seed: 3)
        let values = (0..<10_000).map { _ in random.integer(in: 0...largest) }
        var histogram = LatencyHistogram()
        for value in values { histogram.record(.microseconds(value)) }
        let sorted = values.sorted()
        for share in [0, 0.01, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = Double(sorted[max(Int((share * 10_000).rounded(.up)) - 1, 0)])
            let found = try #require(histogram.percentile(share)) / .microseconds(1)
            #expect(found >= exact && found <= exact * 1.032, "p\(share * 100) is \(exact), not \(found)")
        }
        #expect(histogram.maximum == .microseconds(sorted[9999]) && histogram.count == 10_000)
    }

    @Test("of nothing has none")
    func empty() {
        #expect(LatencyHistogram().percentile(0.5) == nil)
    }

    @Test("is shown in milliseconds")
    func text() {
        var latency = LatencyHistogram()
        #expect(SimulationProgress.percentiles(of: latency, [0.5]) == nil)
        for _ in 0..<99 { latency.record(.microseconds(60)) }
        latency.record(.milliseconds(1234))
        #expect(SimulationProgress.percentiles(of: latency, [0.5, 0.999]) == "p50 0.1 ms, p99.9 1234.0 ms, max 1234.0 ms")
    }
}
