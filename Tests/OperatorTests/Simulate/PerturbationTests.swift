import Oracle
import Testing

@testable import Operator

@Suite("A poor network")
struct PerturbationTests {
    /// Of a session that reports every thirty seconds.
    private static func times(_ count: Int) -> [Int64] { (0..<Int64(count)).map { 1_000_000 + $0 * 30_000 } }

    private static func run(
        duplicates: Double = 0, reorder: Double = 0, late: Double = 0, drop: Double = 0, events: Int = 50, sessions: Int = 2000
    ) -> (deliveries: [[Delivery]], counts: PerturbationCounts) {
        var random = SeededGenerator(seed: 5)
        let perturbation = Perturbation(duplicates: duplicates, reorder: reorder, late: late, drop: drop)
        var total = PerturbationCounts()
        let deliveries = (0..<sessions).map { _ in
            let (deliveries, counts) = perturbation.deliveries(of: times(events), using: &random)
            total += counts
            return deliveries
        }
        return (deliveries, total)
    }

    @Test("that does nothing delivers every event once, in order, a moment later")
    func none() {
        let (deliveries, counts) = Self.run(sessions: 20)
        for session in deliveries {
            #expect(session.map(\.event) == Array(0..<50))
            #expect(zip(session, Self.times(50)).allSatisfy { (20...400).contains($0.atMs - $1) && !$0.isCopy })
        }
        #expect(counts == PerturbationCounts(events: 1000))
    }

    @Test("drops, repeats, delays and reorders the shares it was told", arguments: [(0.05, 0.1, 0.02, 0.01), (0.5, 0.3, 0.3, 0.3)])
    func shares(duplicates: Double, reorder: Double, late: Double, drop: Double) {
        let (deliveries, counts) = Self.run(duplicates: duplicates, reorder: reorder, late: late, drop: drop)
        func expect(_ count: Int, of whole: Int, _ share: Double, _ what: String) {
            #expect(abs(Double(count) / Double(whole) / share - 1) < 0.06, "\(what): \(count) of \(whole)")
        }
        #expect(counts.events == 100_000)
        expect(counts.dropped, of: counts.events, drop, "dropped")
        expect(counts.late, of: counts.events, late, "late")
        expect(counts.reordered, of: counts.events, reorder, "reordered")
        expect(counts.duplicates, of: counts.events - counts.dropped, duplicates, "duplicates")
        #expect(deliveries.reduce(0) { $0 + $1.count } == counts.events - counts.dropped + counts.duplicates)
    }

    @Test("that drops leaves the event out, and nothing else")
    func drop() {
        let (deliveries, counts) = Self.run(drop: 0.2)
        #expect(deliveries.allSatisfy { $0.map(\.event) == $0.map(\.event).sorted() && Set($0.map(\.event)).count == $0.count })
        #expect(deliveries.reduce(0) { $0 + 50 - $1.count } == counts.dropped)
        #expect(Self.run(drop: 1, sessions: 5).deliveries == Array(repeating: [], count: 5))
    }

    @Test("that repeats sends a copy a second to an hour after the first")
    func duplicates() {
        for session in Self.run(duplicates: 0.2).deliveries {
            let originals = Dictionary(uniqueKeysWithValues: session.filter { !$0.isCopy }.map { ($0.event, $0.atMs) })
            #expect(originals.count == 50)
            let copies = session.filter(\.isCopy)
            #expect(Set(copies.map(\.event)).count == copies.count)
            #expect(copies.allSatisfy { (999...3_600_001).contains($0.atMs - originals[$0.event]!) })
        }
    }

    @Test("that reorders delivers an event after a later one, and before the session is over")
    func reorder() {
        let (deliveries, counts) = Self.run(reorder: 0.2)
        var overtaken = 0
        for session in deliveries {
            #expect(session.map(\.atMs) == session.map(\.atMs).sorted())
            var highest = -1
            for delivery in session {
                if delivery.event < highest { overtaken += 1 }
                #expect(highest - delivery.event <= 20)
                highest = max(highest, delivery.event)
            }
            #expect(session.last!.atMs <= Self.times(50).last! + 402)
        }
        #expect(overtaken == counts.reordered)
    }

    @Test("that reorders everything delivers the last first")
    func reorderAll() {
        let (deliveries, counts) = Self.run(reorder: 1, sessions: 5)
        #expect(counts.reordered == 5 * 49)
        #expect(deliveries.allSatisfy { $0[0].event == 49 })
    }

    @Test("that is late delivers ten minutes to six hours after the session's end")
    func late() {
        let end = Self.times(50).last!
        let (deliveries, counts) = Self.run(late: 0.2)
        let late = deliveries.joined().filter { $0.atMs > end + 400 }
        #expect(late.count == counts.late)
        #expect(late.allSatisfy { (599_999...21_600_000).contains($0.atMs - end) })
    }

    @Test("does the same for the same seed")
    func determinism() {
        let runs = (0..<2).map { _ in Self.run(duplicates: 0.1, reorder: 0.1, late: 0.1, drop: 0.1, sessions: 10).deliveries }
        #expect(runs[0] == runs[1])
    }

    @Test("has nothing to do for no events, and cannot reorder one")
    func small() {
        #expect(Self.run(duplicates: 1, reorder: 1, events: 0, sessions: 1).deliveries == [[]])
        let (deliveries, counts) = Self.run(reorder: 1, events: 1, sessions: 3)
        #expect(deliveries.allSatisfy { $0.map(\.event) == [0] } && counts.reordered == 0)
    }
}
