import HeapModule
import Oracle

/// The sessions of a simulated audience, without end, in the order of their start.
///
/// Members sit down to watch independently of each other, a few times a day on average; some go on with the next episode. So about
/// one member in fifteen is watching at any time, however many sessions are made, and the memory needed depends on the members alone.
struct SessionSequence: Sequence, IteratorProtocol {
    private static let dayMs = 86_400_000.0
    private static let sittingsPerDay = 2.5
    private static let memberExponent = 0.8
    private static let titleExponent = 1.0

    /// Ordered by start, then by the sitting.
    private struct FollowUp: Comparable {
        var sitting: UInt64
        var outline: SessionOutline

        static func < (left: FollowUp, right: FollowUp) -> Bool {
            (left.outline.startMs, left.sitting) < (right.outline.startMs, right.sitting)
        }
    }

    private let members: ZipfDistribution
    private let titles: ZipfDistribution
    private let meanGapMs: Double
    private var random: SeededGenerator
    private var clockMs = 0.0
    private var made = 0
    private var sitting: SessionOutline?
    private var followUps = Heap<FollowUp>()

    init(seed: UInt64, members: Int, titles: Int) {
        self.members = ZipfDistribution(count: members, exponent: Self.memberExponent)
        self.titles = ZipfDistribution(count: titles, exponent: Self.titleExponent)
        meanGapMs = Self.dayMs / (Double(members) * Self.sittingsPerDay)
        random = SeededGenerator(seed: seed)
    }

    mutating func next() -> SessionOutline? {
        let upcoming = sitting ?? nextSitting()
        var session: SessionOutline
        if let followUp = followUps.min, followUp.outline.startMs < upcoming.startMs {
            sitting = upcoming
            session = followUps.removeMin().outline
        } else {
            sitting = nil
            session = upcoming
        }
        session.number = made
        made += 1
        continueSitting(after: session)
        return session
    }

    private mutating func nextSitting() -> SessionOutline {
        clockMs += random.exponential(mean: meanGapMs)
        // Each sitting has numbers of its own, so that none depends on how much another has used.
        var own = SeededGenerator(seed: random.next())
        let member = members.draw(using: &own)
        let title = CatalogueTitle(rank: titles.draw(using: &own))
        return outline(
            member: member, device: Int(own.next() % UInt64(ViewerDevice.count(of: member))), title: title,
            episode: Int(own.next() % UInt64(title.episodes)), startMs: Int64(clockMs), isFollowUp: false, using: &own)
    }

    private func outline(
        member: Int, device: Int, title: CatalogueTitle, episode: Int, startMs: Int64, isFollowUp: Bool, using own: inout SeededGenerator
    ) -> SessionOutline {
        let lengthMs = SessionLength.quantile(own.fraction())
        let fits = title.runtimeMs.map { lengthMs <= $0 } ?? false
        return SessionOutline(
            number: 0, member: member, device: device, title: title, episode: episode, startMs: startMs, lengthMs: lengthMs,
            reachesEnd: fits && own.happens(0.25), isFollowUp: isFollowUp, seed: own.next())
    }

    /// A viewer who saw an episode to its end mostly goes on with the next, others now and then.
    private mutating func continueSitting(after session: SessionOutline) {
        guard session.episode + 1 < session.title.episodes else { return }
        var own = SeededGenerator(seed: ~session.seed)
        guard own.happens(session.reachesEnd ? 0.8 : 0.1) else { return }
        let next = outline(
            member: session.member, device: session.device, title: session.title, episode: session.episode + 1,
            startMs: session.endMs + own.integer(in: 3000...15_000), isFollowUp: true, using: &own)
        followUps.insert(FollowUp(sitting: session.seed, outline: next))
    }
}
