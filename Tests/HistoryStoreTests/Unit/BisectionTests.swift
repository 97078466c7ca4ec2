import Oracle
import Testing

@testable import HistoryStore

@Suite("Finding what makes a whole be refused")
struct BisectionTests {
    /// Refuses a part that has one of these numbers, and notes what it took.
    private struct Judge {
        let bad: Set<Int>
        var attempts = 0
        var taken: [Int] = []

        mutating func judge(_ part: ArraySlice<Int>) -> String? {
            attempts += 1
            if let first = part.first(where: bad.contains) { return "no \(first)" }
            taken += part
            return nil
        }
    }

    private static func run(_ items: [Int], bad: Set<Int>) async -> (offenders: [Int], judge: Judge) {
        var judge = Judge(bad: bad)
        let offenders = await Bisection.offenders(in: items[...]) { judge.judge($0) }
        #expect(offenders.allSatisfy { $0.refusal == "no \($0.item)" })
        return (offenders.map(\.item), judge)
    }

    @Test("nothing, or nothing bad, takes one attempt at most")
    func good() async {
        #expect(await Self.run([], bad: []).judge.attempts == 0)
        let (offenders, judge) = await Self.run(Array(0..<1000), bad: [])
        #expect(offenders.isEmpty && judge.attempts == 1 && judge.taken.count == 1000)
    }

    @Test("one in a thousand is found with some twenty attempts, and all others are taken once", arguments: [0, 1, 499, 500, 501, 999])
    func single(bad: Int) async {
        let (offenders, judge) = await Self.run(Array(0..<1000), bad: [bad])
        #expect(offenders == [bad])
        #expect(judge.taken == Array(0..<1000).filter { $0 != bad })
        #expect(judge.attempts <= 21, "\(judge.attempts)")
    }

    @Test("any set of them, of any number", arguments: 1...50 as ClosedRange<UInt64>)
    func random(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        let items = Array(0..<Int.random(in: 1...200, using: &random))
        let bad = Set(items.filter { _ in random.chance(Int(seed) * 2) })
        let (offenders, judge) = await Self.run(items, bad: bad)
        #expect(offenders == bad.sorted())
        #expect(judge.taken == items.filter { !bad.contains($0) })
    }

    @Test("an attempt that fails for another reason ends it")
    func failure() async {
        struct Away: Error {}
        var attempts = 0
        await #expect(throws: Away.self) {
            _ = try await Bisection.offenders(in: Array(0..<8)[...]) { _ throws(Away) -> String? in
                attempts += 1
                if attempts == 3 { throw Away() }
                return "no"
            }
        }
        #expect(attempts == 3)
    }
}
