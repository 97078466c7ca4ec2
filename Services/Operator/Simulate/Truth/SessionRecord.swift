import Models

/// What came of the events of one session.
struct SessionRecord: Sendable {
    /// Of an event with several copies the greatest counts.
    enum Outcome: UInt8, Sendable, Comparable {
        case unsent, refused, unanswered, accepted

        static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }
    }

    let session: SimulatedSession
    /// Deliveries whose outcome is still to come.
    private(set) var outstanding: Int
    private(set) var outcomes: [Outcome]

    init(_ session: SimulatedSession) {
        self.session = session
        outstanding = session.deliveries.count
        outcomes = Array(repeating: .unsent, count: session.events.count)
    }

    mutating func note(_ outcome: Outcome, ofEvent event: Int) {
        outstanding -= 1
        outcomes[event] = max(outcomes[event], outcome)
    }

    func count(_ outcome: Outcome) -> Int {
        outcomes.count { $0 == outcome }
    }

    private var dropped: [Int64] {
        let sent = Set(session.deliveries.map(\.event))
        return session.events.indices.filter { !sent.contains($0) }.map(Int64.init)
    }

    /// nil where the edge knows nothing of the session.
    var truth: TruthSession? {
        let accepted = outcomes.indices.filter { outcomes[$0] == .accepted }.map(session.event)
        let unanswered = outcomes.indices.filter { outcomes[$0] == .unanswered }.map(Int64.init)
        guard !accepted.isEmpty || !unanswered.isEmpty else { return nil }
        return TruthSession(
            memberId: session.memberId, sessionId: session.sessionId, titleId: session.titleId, runtimeMs: session.runtimeMs,
            deviceId: session.deviceId, deviceType: session.deviceType, events: accepted, unanswered: unanswered, dropped: dropped,
            expected: unanswered.isEmpty ? SessionView(of: accepted) : nil)
    }
}
