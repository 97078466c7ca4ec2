import HistoryStore
import Models
import Synchronization
import TestSupport

/// Reads histories all the time, and notes whether a revision ever decreases. A request that fails ends it.
final class RevisionReader: Sendable {
    struct Seen: Sendable {
        var revisions: [String: Int64] = [:]
        var rises = 0
        var decreased: [String] = []
        var sessions: Int { revisions.count }
    }

    private let playhead: Playhead
    private let state = Mutex(Seen())
    private let isStopped = Mutex(false)

    init(_ playhead: Playhead) {
        self.playhead = playhead
    }

    var seen: Seen { state.withLock { $0 } }

    func stop() { isStopped.withLock { $0 = true } }

    func run() async throws {
        let database = playhead.database.connection("reader")
        let statement = PostgresStatement(name: "test_members", sql: "SELECT DISTINCT member_id FROM playback_session LIMIT 100")
        while !isStopped.withLock(\.self) {
            let members = try await database.run(statement())
            for row in 0..<members.rowCount {
                guard let member = members.text(row, 0) else { continue }
                let shown = try await playhead.shown(OpaqueID(member), isPatient: false)
                for session in shown { note("\(member)/\(session.sessionId)", session.revision) }
            }
        }
    }

    private func note(_ key: String, _ revision: Int64) {
        state.withLock { state in
            if let before = state.revisions[key] {
                if revision < before { state.decreased.append("\(key): \(revision) after \(before)") }
                if revision > before { state.rises += 1 }
            }
            state.revisions[key] = revision
        }
    }
}
