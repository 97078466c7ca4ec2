/// How much of what was applied lately became dead letters. Pure.
///
/// One event in a thousand is poison; every third is a database that refuses good events, after a wrong migration say. Then it is
/// better to stop than to set all of them aside.
public struct PoisonWindow: Sendable {
    /// Events that are looked back on.
    public static let size = 1000
    /// More dead letters among them are too many: 20 %.
    public static let limit = size / 5

    private var isDead = Array(repeating: false, count: size)
    private var next = 0
    /// Dead letters among the last ``size`` events.
    private(set) var deadCount = 0

    /// Nothing was judged yet.
    public init() {}

    /// Whether what was applied until now, and this besides, has few enough dead letters.
    public func admits(good: Int, dead: Int) -> Bool {
        var after = self
        after.note(good: good, dead: dead)
        return after.deadCount <= Self.limit
    }

    /// Counts events that were decided on together, the dead letters spread evenly among the good.
    /// - Parameters: none below 0. Of more than ``size`` events the share counts.
    public mutating func note(good: Int, dead: Int) {
        precondition(good >= 0 && dead >= 0, "\(good) good and \(dead) dead events")
        let total = good + dead
        let pushed = min(total, Self.size)
        var spread = 0
        for _ in 0..<pushed {
            spread += dead
            push(spread >= total)
            if spread >= total { spread -= total }
        }
    }

    private mutating func push(_ dead: Bool) {
        deadCount += (dead ? 1 : 0) - (isDead[next] ? 1 : 0)
        isDead[next] = dead
        next = (next + 1) % Self.size
    }
}
