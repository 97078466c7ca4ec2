import AsyncHTTPClient
import Foundation
import Models

/// Reads the history of every member of a truth and compares it.
struct VerifyRun: Sendable {
    private static let concurrency = 8

    let client: HistoryClient

    /// - Throws: ``HistoryReadError`` where nothing is served for a minute.
    func verify(_ members: [OpaqueID: [KnownSession]], progress: ProgressLine) async throws -> VerifiedHistory {
        try await withThrowingTaskGroup(of: VerifiedHistory.self) { group in
            var rest = members.makeIterator()
            func addNext() {
                guard let (member, sessions) = rest.next() else { return }
                group.addTask {
                    do {
                        return try await verify(MemberComparison(memberId: member, sessions: sessions), sessions)
                    } catch let error as HistoryReadError where error.isOfThisAnswer {
                        return VerifiedHistory(differences: [Difference(kind: .unreadable, memberId: member, detail: error.description)])
                    }
                }
            }
            for _ in 0..<Self.concurrency { addNext() }
            var total = VerifiedHistory()
            var done = 0
            for try await result in group {
                total += result
                done += 1
                progress.update(
                    "\(done) of \(members.count) members, \(total.sessions) sessions verified, \(total.differences.count) differences")
                addNext()
            }
            return total
        }
    }

    private func verify(_ comparison: MemberComparison, _ sessions: [KnownSession]) async throws -> VerifiedHistory {
        let member = comparison.memberId
        var history: [ServedSession] = []
        var cursor: String?
        repeat {
            let page = try await client.history(of: member, cursor: cursor)
            history += page.items
            cursor = page.nextCursor
        } while cursor != nil
        // Each alone too: only so its runs are seen, and with them the loss of a last event that shows in no other field.
        var details: [OpaqueID: ServedSession] = [:]
        for session in sessions { details[session.sessionId] = try await client.session(session.sessionId, of: member) }
        var result = comparison.compare(history: history, details: details)
        result.differences += comparison.compare(
            continueWatching: try await client.continueWatching(of: member), limit: HistoryClient.pageLimit)
        return result
    }
}
