import Oracle
import Testing

@testable import Operator

@Suite("The length of simulated sessions")
struct SessionLengthTests {
    @Test(
        "has the quantiles that were asked for",
        arguments: [(0.1, 7000), (0.5, 120_000), (0.9, 4_700_000), (0.99, 24_000_000), (0, 1000), (1, 43_200_000)] as [(Double, Int64)])
    func quantiles(probability: Double, milliseconds: Int64) {
        #expect(abs(SessionLength.quantile(probability) - milliseconds) <= 1)
    }

    @Test("grows evenly on a logarithmic scale between them")
    func between() {
        // √(7 × 120) = 28.98…
        #expect((28_900...29_000).contains(SessionLength.quantile(0.3)))
        let lengths = (0...1000).map { SessionLength.quantile(Double($0) / 1000) }
        #expect(lengths == lengths.sorted() && Set(lengths).count == lengths.count)
    }

    @Test("is that of the events: from the first to the last", arguments: [1, 2, 3] as [UInt64])
    func ofEvents(seed: UInt64) {
        let sessions = SessionSequence(seed: seed, members: 1000, titles: 200).prefix(10_000)
        let lengths = sessions.map { outline in
            let events = SessionScript.events(of: outline, on: ViewerDevice(member: outline.member, number: outline.device))
            return events[events.count - 1].atMs - events[0].atMs
        }.sorted()
        for (probability, seconds) in SessionLength.quantiles.dropFirst().dropLast() {
            let found = Double(lengths[Int(probability * Double(lengths.count))]) / 1000
            #expect(abs(found / seconds - 1) < 0.15, "p\(probability) is \(found) s, not \(seconds) s")
        }
    }
}
