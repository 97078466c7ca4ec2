import Models
import Testing

@testable import Operator

@Suite("The deliveries of a simulation")
struct DeliverySequenceTests {
    private static func all(_ plan: SimulationPlan) -> [(session: SimulatedSession, delivery: Delivery)] { Array(plan.deliveries) }

    private static func described(_ plan: SimulationPlan) -> [String] {
        all(plan).map { "\($0.delivery) \($0.session.event($0.delivery.event))" }
    }

    @Test("come in the order of their time")
    func order() {
        let times = Self.all(.sample()).map(\.delivery.atMs)
        #expect(times.count > 5000 && times == times.sorted())
    }

    @Test("are every event that is not dropped, once, and the copies")
    func completeness() {
        var sequence = SimulationPlan.sample().deliveries
        var sessions: [Int: SimulatedSession] = [:]
        var originals: [SessionKey: [Int]] = [:]
        var copies = 0
        while let (session, delivery) = sequence.next() {
            sessions[session.number] = session
            let key = SessionKey(memberId: session.memberId, sessionId: session.sessionId)
            if delivery.isCopy { copies += 1 } else { originals[key, default: []].append(delivery.event) }
        }
        #expect(sequence.sessions == 300 && originals.count == sessions.count && sessions.count >= 299)
        let sent = originals.values.reduce(0) { $0 + $1.count }
        #expect(originals.values.allSatisfy { Set($0).count == $0.count })
        #expect(sent + sequence.counts.dropped == sequence.counts.events && copies == sequence.counts.duplicates)
        #expect(SimulationExtent(of: .sample()).events == sequence.counts.events)
    }

    @Test("are the same for the same plan, and others for another seed")
    func determinism() {
        let described = Self.described(.sample())
        #expect(described == Self.described(.sample()))
        #expect(Set(described).isDisjoint(with: Self.described(.sample { $0.seed = 12 })))
    }

    @Test("happen before the plan's end, the last just then")
    func end() {
        let plan = SimulationPlan.sample()
        let times = Self.all(plan).map { $0.session.event($0.delivery.event).occurredAt }
        #expect(times.max() == plan.end)
    }

    @Test("end with the session that makes the events enough")
    func events() {
        let plan = SimulationPlan.sample {
            $0.sessions = nil
            $0.events = 5000
        }
        let extent = SimulationExtent(of: plan)
        let one = SimulationExtent(
            of: .sample {
                $0.sessions = extent.sessions - 1
            })
        #expect(extent.events >= 5000 && one.events < 5000)
        var sequence = plan.deliveries
        while sequence.next() != nil {}
        #expect(sequence.counts.events == extent.events)
    }

    @Test("that are all dropped are none")
    func nothing() {
        #expect(Self.all(.sample { $0.perturbation.drop = 1 }).isEmpty)
    }

    @Test("are of members whose ids have the prefix, some with characters to be encoded")
    func members() {
        let members = Set(Self.all(.sample()).map(\.session.memberId.text))
        #expect(members.allSatisfy { $0.hasPrefix("sim-m-") } && members.contains { $0.hasSuffix("/é?") })
    }

    @Test("of another plan are of other members, unless the prefix is given")
    func prefixes() {
        let plan = SimulationPlan.sample()
        let changes: [(inout SimulationPlan) -> Void] = [
            { $0.seed += 1 }, { $0.members += 1 }, { $0.titles += 1 }, { $0.sessions = 301 }, { ($0.sessions, $0.events) = (nil, 300) },
            { $0.perturbation.late = 0.03 }, { $0.end += 1000 },
        ]
        let prefixes = ([{ _ in }] + changes).map { SimulationPlan.prefix(for: .sample($0)) }
        #expect(Set(prefixes).count == prefixes.count)
        #expect(SimulationPlan.prefix(for: plan) == prefixes[0] && prefixes[0].hasPrefix("sim-11-"))
    }
}
