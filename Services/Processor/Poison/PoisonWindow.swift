/// How much of what was applied lately became dead letters. Pure.
///
/// One event in a thousand is poison; every third is a database that refuses good events, after a wrong migration say. Then it is
/// better to stop than to set all of them aside.
struct PoisonWindow: Sendable {
    /// Events that are looked back on.
    static let size = 1000
    /// More dead letters among them are too many: 20 %.
    static let limit = 200

    private var isDead = Array(repeating: false, count: size)
    private var next = 0
    /// Dead letters among the last ``size`` events.
    private(set) var deadCount = 0

    /// Whether so many more dead letters, after so many good events, are too many.
    func admits(good: Int, dead: Int) -> Bool {
        var after = self
        after.note(good: good, dead: dead)
        return after.deadCount <= Self.limit
    }

    /// Counts what was committed, the dead letters as the latest.
    mutating func note(good: Int, dead: Int) {
        for _ in 0..<min(good, Self.size) { push(false) }
        for _ in 0..<min(dead, Self.size) { push(true) }
    }

    private mutating func push(_ dead: Bool) {
        deadCount += (dead ? 1 : 0) - (isDead[next] ? 1 : 0)
        isDead[next] = dead
        next = (next + 1) % Self.size
    }
}
