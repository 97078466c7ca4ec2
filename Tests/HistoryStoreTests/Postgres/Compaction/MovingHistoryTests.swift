import Models
import Synchronization
import TestSupport
import Testing

@testable import HistoryStore

/// Whoever reads while sessions go into chunks and come back sees each of them once.
@Suite struct MovingHistoryTests {
    private static let sessions = 60
    private static let reads = 4
    private let begin: Timestamp = 1_763_700_000_000

    private func event(_ session: Int, _ seq: Int64) -> PlaybackEvent {
        .playing(
            session: OpaqueID("s-\(session)"), seq: seq, title: OpaqueID("t-\(session % 7)"), startedAt: begin + Int64(session) * 86_400_000
        )
    }

    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    /// Compacts everything, and lets an event of each third session come late; again and again, until all is read.
    private func move(_ database: TestDatabase, until isRead: Flag) async throws -> Int {
        let compactor = MemberCompactor(connection: database.connection("compactor"), chunkBytes: 400)
        let applier = database.applier("writer")
        var broughtBack = 0
        var round = 0
        while !isRead.isSet.withLock({ $0 }), !Task.isCancelled {
            _ = try await compactor.compact("m-1", .endedBefore(.max))
            let late = (0..<Self.sessions).filter { $0 % 3 == round % 3 }.map { event($0, Int64(round) + 2) }
            broughtBack += try await applier.apply(late).broughtBack
            round += 1
        }
        return broughtBack
    }

    @Test func pagesBookmarksSessionsAndExportsAreWholeAllTheTime() async throws {
        let database = try await TestDatabase()
        _ = try await database.applier("writer").apply((0..<Self.sessions).flatMap { [event($0, 0), event($0, 1)] })
        let isRead = Flag()
        async let moved = move(database, until: isRead)
        let reader = HistoryReader(pool: database.pool())
        let wanted = (0..<Self.sessions).reversed().map { OpaqueID("s-\($0)") }
        for reads in 0..<Self.reads {
            var found: [OpaqueID] = []
            var cursor: HistoryCursor?
            repeat {
                let page = try await reader.history(of: "m-1", filter: .init(), after: cursor, limit: 11)
                found += page.sessions.map(\.sessionId)
                cursor = page.next
            } while cursor != nil
            try #require(found == wanted)
            let title = OpaqueID("t-\(reads % 7)")
            try #require(
                try await reader.history(of: "m-1", filter: .init(titleId: title), after: nil, limit: 100).sessions.map(\.sessionId)
                    == (0..<Self.sessions).reversed().filter { $0 % 7 == reads % 7 }.map { OpaqueID("s-\($0)") })
            try #require(try await reader.bookmark(of: "m-1", title: title) != nil)
            try #require(try await reader.continueWatching(of: "m-1", limit: 100).count == 7)
            let one = SessionKey(memberId: "m-1", sessionId: OpaqueID("s-\(reads % Self.sessions)"))
            try #require(try await reader.session(one)?.session.sessionId == one.sessionId)
            let export = try await HistoryExport(of: "m-1", withStates: reads.isMultiple(of: 2), pool: database.pool())
            var exported: [OpaqueID] = []
            while let rows = try await export.next() { exported += rows.map(\.session.sessionId) }
            try #require(exported == wanted)
        }
        isRead.isSet.withLock { $0 = true }
        #expect(try await moved > 0)
    }
}
