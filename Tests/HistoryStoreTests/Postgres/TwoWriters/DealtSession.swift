import Models
import Oracle
import TestSupport

/// A case: one session, and how its deliveries reach the writers A and B. All of it follows from one seed.
struct DealtSession: Sendable, CustomStringConvertible {
    /// What a writer knows of its earlier turns.
    enum Memory: Sendable, CaseIterable {
        /// Every row that it wrote, stale where the other wrote since.
        case long
        /// What a tiny cache keeps. Which rows these are depends on the other sessions that are applied with this one.
        case short
        /// Every row, until A's process ends in the middle and another takes its place.
        case untilRestart
        /// Nothing: each turn is a process of its own.
        case none
    }

    /// The even turns are A's, the odd ones B's.
    static let turnCount = 8

    let seed: UInt64
    let key: SessionKey
    let memory: Memory
    /// The sets of events of which the row may be the fold: one, unless copies differ.
    let candidates: [[PlaybackEvent]]
    /// What arrives in each turn.
    let turns: [[PlaybackEvent]]
    /// Both writers take part in a session of three runs or more with a seek and a pause.
    let isEventful: Bool

    /// - Parameters:
    ///   - candidates: sets of events of which the row may be the fold; they, too, become events of this session.
    ///   - turns: at most ``turnCount``, of events of any session, which become events of this one.
    init(
        seed: UInt64, member: OpaqueID, memory: Memory = .long, candidates: [[PlaybackEvent]], turns: [[PlaybackEvent]],
        isEventful: Bool = false
    ) {
        let key = SessionKey(memberId: member, sessionId: OpaqueID("s-\(seed)"))
        self.seed = seed
        self.key = key
        self.memory = memory
        self.candidates = candidates.map { $0.map { $0.of(key) } }
        self.turns = (turns + Array(repeating: [], count: Self.turnCount - turns.count)).map { $0.map { $0.of(key) } }
        self.isEventful = isEventful && Set(turns.indices.filter { !turns[$0].isEmpty }.map { $0 % 2 }).count == 2
    }

    var deliveries: Int { turns.reduce(0) { $0 + $1.count } }

    /// How many events count at last.
    var distinct: Int { candidates[0].count }

    var description: String {
        let batches = turns.enumerated().filter { !$1.isEmpty }
        return "memory \(memory); " + batches.map { "\($0 % 2 == 0 ? "A" : "B")\($1.map(\.seq))" }.joined(separator: " ")
    }

    /// Deals what arrived to turns of both writers.
    static func deal(_ arrived: [PlaybackEvent], using random: inout SeededGenerator) -> [[PlaybackEvent]] {
        var turns: [[PlaybackEvent]] = Array(repeating: [], count: turnCount)
        // One of each writer at least.
        let even = Int.random(in: 0..<turnCount / 2, using: &random) * 2
        let odd = Int.random(in: 0..<turnCount / 2, using: &random) * 2 + 1
        let used = (0..<turnCount).filter { random.chance(50) || $0 == even || $0 == odd }
        if random.chance(30) {
            // As it mostly is: nearly in order.
            let lateness: Int64 = random.chance(50) ? 0 : 5
            let late = arrived.map { (event: $0, place: $0.seq + Int64.random(in: 0...lateness, using: &random)) }
            let taken = arrived.map { _ in used.randomElement(using: &random)! }.sorted()
            for (turn, next) in zip(taken, late.sorted { $0.place < $1.place }) { turns[turn].append(next.event) }
        } else {
            for event in arrived { turns[used.randomElement(using: &random)!].append(event) }
        }
        // A batch whose acknowledgement was lost comes again, to either writer.
        if random.chance(40) {
            let from = used.randomElement(using: &random)!
            turns[Int.random(in: from..<turnCount, using: &random)] += turns[from]
        }
        return turns
    }
}

extension DealtSession {
    /// A random session.
    /// - Parameters:
    ///   - run: tells the rows of this run from those of others in the same database.
    ///   - members: among how many the sessions of a run are shared out.
    init(seed: UInt64, run: Int, members: UInt64 = 8) {
        var random = SeededGenerator(seed: seed)
        let session = RandomSession(using: &random)
        self.init(
            seed: seed, member: OpaqueID("m-\(run)-\(seed % members)"), memory: Memory.allCases.randomElement(using: &random)!,
            candidates: [session.events], turns: Self.deal(session.arrived, using: &random), isEventful: session.isEventful)
    }
}

extension PlaybackEvent {
    /// The same event in another session.
    func of(_ key: SessionKey) -> PlaybackEvent {
        with {
            $0.memberId = key.memberId
            $0.sessionId = key.sessionId
        }
    }
}
