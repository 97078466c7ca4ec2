import Models

/// A member's history as it must be against how it is served. Pure.
struct MemberComparison: Sendable {
    let memberId: OpaqueID
    private let known: [OpaqueID: KnownSession]

    /// - Parameter sessions: all that the truth knows of the member, each once.
    init(memberId: OpaqueID, sessions: [KnownSession]) {
        self.memberId = memberId
        known = Dictionary(uniqueKeysWithValues: sessions.map { ($0.sessionId, $0) })
    }

    /// - Parameters:
    ///   - history: all pages.
    ///   - details: those sessions that were read alone too, nil for those not found.
    func compare(history: [ServedSession], details: [OpaqueID: ServedSession?]) -> VerifiedHistory {
        var result = VerifiedHistory()
        var found: Set<OpaqueID> = []
        for (session, next) in zip(history, history.dropFirst()) where !isBefore(session, next) {
            result.differences.append(difference(.order, "session \(session.sessionId) stands before \(next.sessionId)"))
        }
        for session in history where found.insert(session.sessionId).inserted {
            guard let known = known[session.sessionId] else {
                result.differences.append(difference(.unexpectedSession, "session \(session.sessionId)"))
                continue
            }
            guard let expected = known.expected else { continue }
            let fields = differences(expected: expected, served: session, detail: details[session.sessionId])
            result.differences += fields
            guard fields.isEmpty else { continue }
            result.sessions += 1
            result.events += Int(known.highestSeq + 1 - session.view.missingEvents)
        }
        for session in known.values where session.expected != nil && !found.contains(session.sessionId) {
            result.differences.append(difference(.missingSession, "session \(session.sessionId) of \(session.acceptedEvents) events"))
        }
        return result
    }

    /// The member's continue-watching against the slow rule; nothing where some session is not known.
    func compare(continueWatching served: [ServedBookmark], limit: Int) -> [Difference] {
        guard known.values.allSatisfy({ $0.expected != nil }) else { return [] }
        let expected = ContinueWatching.rows(of: known.values.compactMap { session in session.expected.map { (session.sessionId, $0) } })
            .prefix(limit)
        for (place, row) in expected.enumerated() where place >= served.count || served[place] != row {
            let found = place < served.count ? "\(served[place])" : "nothing"
            return [difference(.continueWatching, "row \(place + 1) must be \(row), not \(found)")]
        }
        guard served.count > expected.count else { return [] }
        return [difference(.continueWatching, "row \(expected.count + 1) must not be there: \(served[expected.count])")]
    }

    /// Newest first, then by the greater session.
    private func isBefore(_ session: ServedSession, _ next: ServedSession) -> Bool {
        session.view.startedAt == next.view.startedAt
            ? next.sessionId < session.sessionId : next.view.startedAt < session.view.startedAt
    }

    private func differences(expected: SessionView, served: ServedSession, detail: ServedSession??) -> [Difference] {
        var page = served.view
        // Pages of history do not have them.
        page.sequenceRuns = expected.sequenceRuns
        var fields = FieldDifference.all(expected: expected, actual: page)
        switch detail {
        case .some(.some(let session)):
            // The same field differs in both, mostly.
            fields += FieldDifference.all(expected: expected, actual: session.view).filter { !fields.contains($0) }
        case .some(.none): return [difference(.missingSession, "session \(served.sessionId) is in the history, and not found by its id")]
        case .none: break
        }
        return fields.map {
            difference(.field($0.name), "session \(served.sessionId): \($0.name) must be \($0.expected), not \($0.actual)")
        }
    }

    private func difference(_ kind: Difference.Kind, _ detail: String) -> Difference {
        Difference(kind: kind, memberId: memberId, detail: "member \(memberId), \(detail)")
    }
}
