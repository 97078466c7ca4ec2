import Models
import Oracle
import TestSupport

@testable import HistoryStore

/// Reads what became of sessions, as members see it and as it is stored, and holds it to ``SlowReference``.
struct StoredCases {
    private let reader: HistoryReader
    private let write: GuardedWrite

    init(_ database: TestDatabase) {
        reader = HistoryReader(pool: database.pool())
        write = GuardedWrite(connection: database.connection("check"))
    }

    /// - Parameter sessions: with the sets of events of which each may be the fold; none where there must be no row.
    /// - Returns: what is wrong with each session; nil where it is right.
    func faults(of sessions: [(key: SessionKey, candidates: [[PlaybackEvent]])]) async throws -> [String?] {
        var columns: [SessionKey: StoredSession] = [:]
        for member in Set(sessions.map(\.key.memberId)) {
            for session in try await reader.history(of: member, filter: .init(), after: nil, limit: 1000).sessions {
                columns[SessionKey(memberId: member, sessionId: session.sessionId)] = session
            }
        }
        let rows = try await write.load(sessions.map(\.key)).map(\.row)
        return zip(sessions, rows).map { session, row in
            switch (row, columns[session.key]) {
            case (let row?, let shown?): Self.fault(of: row, shown, session.candidates)
            case (nil, nil): session.candidates.isEmpty ? nil : "there is no row"
            default: "there is a row for one of two reads, with no writer left"
            }
        }
    }

    private static func fault(of row: KnownSession.Row, _ shown: StoredSession, _ candidates: [[PlaybackEvent]]) -> String? {
        if row.revision != shown.revision { return "the row changed between two reads, with no writer left" }
        if candidates.isEmpty { return "there is a row: \(shown.summary)" }
        var faults: [String] = []
        for events in candidates {
            let reference = SlowReference(events)
            if shown.summary != reference.summary {
                faults.append("the row shows \(shown.summary), the reference \(reference.summary)")
            } else if row.state.sequenceRuns != reference.sequenceRuns {
                faults.append("runs are \(row.state.sequenceRuns), not \(reference.sequenceRuns)")
            } else if row.state != SessionState.folding(events) {
                faults.append("the state differs from that of the events in order: \(row.state)")
            } else {
                return nil
            }
        }
        return faults.joined(separator: "; or ")
    }
}
