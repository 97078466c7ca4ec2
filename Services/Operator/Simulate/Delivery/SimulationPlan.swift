import Models

/// Everything that decides which events a simulation makes, and in which order they arrive: the same plan makes the same.
struct SimulationPlan: Codable, Sendable, Hashable {
    var seed: UInt64
    var members: Int
    var titles: Int
    /// When to end: after so many sessions…
    var sessions: Int?
    /// …or after the session with which viewers have made so many events.
    var events: Int?
    var perturbation: Perturbation
    /// When the last event of all happens.
    var end: Timestamp
    /// What the members' ids begin with.
    var prefix: String

    /// A prefix that another plan does not have, so that its members are its own: an event that comes again with another content would
    /// count by chance.
    static func prefix(for plan: SimulationPlan) -> String {
        let perturbation = plan.perturbation
        let rest =
            "\(plan.members) \(plan.titles) \(plan.sessions ?? 0) \(plan.events ?? 0) \(plan.end) \(perturbation.duplicates)"
            + " \(perturbation.reorder) \(perturbation.late) \(perturbation.drop)"
        let hash = String(StableHash.fnv1a(purpose: "simulation", rest), radix: 36)
        return "sim-\(plan.seed)-\(hash)-"
    }

    /// A member's id, from its rank. Some have characters that need care in a URL, as ids are opaque.
    func memberId(_ member: Int) -> String {
        member % 10 == 9 ? "\(prefix)m-\(member)/é?" : "\(prefix)m-\(member)"
    }
}

/// How much a plan makes. It is found by making it all once, which takes a tenth of a second for a few million events.
struct SimulationExtent: Sendable, Hashable {
    var sessions = 0
    /// Those included that will be dropped.
    var events = 0
    /// From the first session's beginning to the last event.
    var spanMs: Int64 = 0

    init(of plan: SimulationPlan) {
        for outline in SessionSequence(seed: plan.seed, members: plan.members, titles: plan.titles) {
            let device = ViewerDevice(member: outline.member, number: outline.device)
            sessions += 1
            events += SessionScript.events(of: outline, on: device).count
            spanMs = max(spanMs, outline.endMs)
            if sessions == plan.sessions { return }
            if let wanted = plan.events, events >= wanted { return }
        }
    }
}
