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
    ///   - details: the sessions that the truth knows, read alone; without those not found.
    func compare(history: [ServedSession], details: [OpaqueID: ServedSession]) -> VerifiedHistory {
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
            let detail = details[session.sessionId]
            let found =
                known.expected.map { differences(expected: $0, served: session, detail: detail) }
                ?? differences(of: known, detail: detail)
            result.differences += found
            guard found.isEmpty, known.expected != nil, let detail else { continue }
            result.sessions += 1
            result.events += Int(detail.eventCount)
        }
        for session in known.values where session.acceptedEvents > 0 && !found.contains(session.sessionId) {
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

    /// Of an uncertain session: what was accepted is there, and nothing that was never sent.
    private func differences(of known: KnownSession, detail: ServedSession?) -> [Difference] {
        guard let certainty = known.certainty else { return [] }
        guard let detail else { return [notFoundAlone(known.sessionId)] }
        let served = Set(detail.view.sequenceRuns.flatMap { $0[0]...$0[1] })
        if certainty.accepted.isSubset(of: served), served.isSubset(of: certainty.accepted.union(certainty.unanswered)) { return [] }
        let (lost, unsent) = (certainty.accepted.subtracting(served), served.subtracting(certainty.accepted.union(certainty.unanswered)))
        return [
            difference(
                .field("sequenceRuns"),
                "session \(known.sessionId): sequenceRuns lack \(lost.count) accepted events and have \(unsent.count) that were never sent")
        ]
    }

    private func notFoundAlone(_ session: OpaqueID) -> Difference {
        difference(.missingSession, "session \(session) is in the history, and not found by its id")
    }

    private func differences(expected: SessionView, served: ServedSession, detail: ServedSession?) -> [Difference] {
        guard let detail else { return [notFoundAlone(served.sessionId)] }
        var page = served.view
        // Pages of history do not have them.
        page.sequenceRuns = expected.sequenceRuns
        var fields = FieldDifference.all(expected: expected, actual: page)
        // The same field differs in both, mostly.
        fields += FieldDifference.all(expected: expected, actual: detail.view).filter { !fields.contains($0) }
        return fields.map {
            difference(.field($0.name), "session \(served.sessionId): \($0.name) must be \($0.expected), not \($0.actual)")
        }
    }

    private func difference(_ kind: Difference.Kind, _ detail: String) -> Difference {
        Difference(kind: kind, memberId: memberId, detail: "member \(memberId), \(detail)")
    }
}
