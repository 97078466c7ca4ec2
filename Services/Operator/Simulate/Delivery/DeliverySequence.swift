import HeapModule
import Models
import Oracle

/// The deliveries of a whole simulation in the order of their time.
///
/// Sessions are made when they start and let go when their last delivery is due, so that the memory needed depends on how many overlap.
struct DeliverySequence: Sequence, IteratorProtocol {
    /// A session whose next delivery is waiting.
    private struct Waiting: Comparable {
        var atMs: Int64
        var session: SimulatedSession
        var delivery: Int

        static func < (left: Waiting, right: Waiting) -> Bool {
            (left.atMs, left.session.number) < (right.atMs, right.session.number)
        }

        static func == (left: Waiting, right: Waiting) -> Bool {
            (left.atMs, left.session.number) == (right.atMs, right.session.number)
        }
    }

    private let plan: SimulationPlan
    private let sessionCount: Int
    /// When the simulation begins, so that it ends when the plan says.
    private let origin: Timestamp
    private var outlines: SessionSequence
    private var upcoming: SessionOutline?
    private var waiting = Heap<Waiting>()
    /// Of the sessions made until now.
    private(set) var counts = PerturbationCounts()
    private(set) var sessions = 0

    init(_ plan: SimulationPlan, extent: SimulationExtent) {
        self.plan = plan
        sessionCount = extent.sessions
        origin = plan.end - extent.spanMs
        outlines = SessionSequence(seed: plan.seed, members: plan.members, titles: plan.titles)
        upcoming = outlines.next()
    }

    mutating func next() -> (session: SimulatedSession, delivery: Delivery)? {
        while let outline = upcoming, waiting.min.map({ $0.atMs >= outline.startMs }) ?? true {
            start(outline)
            upcoming = sessions < sessionCount ? outlines.next() : nil
        }
        guard var first = waiting.min else { return nil }
        let session = first.session
        let delivery = session.deliveries[first.delivery]
        first.delivery += 1
        if first.delivery < session.deliveries.count {
            first.atMs = session.deliveries[first.delivery].atMs
            waiting.replaceMin(with: first)
        } else {
            waiting.removeMin()
        }
        return (session, delivery)
    }

    private mutating func start(_ outline: SessionOutline) {
        let session = session(outline)
        sessions += 1
        counts += session.counts
        // Every one of its events may have been dropped.
        guard let first = session.deliveries.first else { return }
        waiting.insert(Waiting(atMs: first.atMs, session: session, delivery: 0))
    }

    private func session(_ outline: SessionOutline) -> SimulatedSession {
        let device = ViewerDevice(member: outline.member, number: outline.device)
        let events = SessionScript.events(of: outline, on: device)
        // Not the numbers of the script, so that what the network does has nothing to do with what the viewer did.
        var random = SeededGenerator(seed: outline.seed ^ 0x6e65_7477_6f72_6b00)
        let sessionId = OpaqueID(Self.uuid(using: &random))
        let (deliveries, counts) = plan.perturbation.deliveries(of: events.map { outline.startMs + $0.atMs }, using: &random)
        return SimulatedSession(
            number: outline.number, memberId: OpaqueID(plan.memberId(outline.member)), sessionId: sessionId, title: outline.title,
            episode: outline.episode, device: device, startedAt: origin + outline.startMs, events: events, deliveries: deliveries,
            counts: counts)
    }

    /// Version 4 of RFC 9562.
    private static func uuid(using random: inout SeededGenerator) -> String {
        let high = random.next() & 0xffff_ffff_ffff_0fff | 0x4000
        let low = random.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        let digits = [high, low].map { half in
            let hex = String(half, radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}
