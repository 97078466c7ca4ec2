import Models
import TestSupport
import Testing

@testable import HistoryStore

@Suite("What began while it was shadowed")
struct ShadowedSessionTests {
    private static let listed = PostgresStatement(
        name: "test_listed",
        sql:
            "SELECT session_id, began_at = 'infinity', not_copied FROM shadowed_session ORDER BY member_id COLLATE \"C\", session_id COLLATE \"C\""
    )

    private func listed(_ database: TestDatabase) async throws -> [String] {
        let result = try await database.connection("list").run(Self.listed())
        return (0..<result.rowCount).map { row in
            "\(result.text(row, 0) ?? "")\(result.bool(row, 1) == true ? " unbegun" : "")\(result.bool(row, 2) == true ? " not copied" : "")"
        }
    }

    private func writer(_ database: TestDatabase) -> SessionApplier {
        SessionApplier(connection: database.connection("writer"), cacheBytes: 0, keepsChanges: true, meetsOthers: true)
    }

    @Test("a session is listed when its row is inserted with its first event, for a shadowed member")
    func list() async throws {
        let database = try await TestDatabase()
        let writer = writer(database)
        _ = try await writer.apply([.playing(session: "before", seq: 0)])
        let shadowed: Set<OpaqueID> = ["m-1"]
        _ = try await writer.apply(
            [
                .playing(session: "before", seq: 1), .playing(session: "new", seq: 0), .playing(session: "late", seq: 3),
                .playing(member: "m-2", session: "other", seq: 0),
            ], shadowed: shadowed)
        #expect(try await listed(database) == ["new"])
        // Its first event comes later: nobody knows whether others came before it was shadowed.
        _ = try await writer.apply([.playing(session: "late", seq: 0), .playing(session: "new", seq: 0)], shadowed: shadowed)
        #expect(try await listed(database) == ["new"])
    }

    @Test("a note that a copy is missing stays, whichever comes first")
    func notes() async throws {
        let database = try await TestDatabase()
        let notes = ShadowNotes(connection: database.connection("notes"))
        try await notes.noteNotCopied([SessionKey(memberId: "m-1", sessionId: "early")])
        #expect(try await listed(database) == ["early unbegun not copied"])
        _ = try await writer(database).apply([.playing(session: "early", seq: 0), .playing(session: "later", seq: 0)], shadowed: ["m-1"])
        #expect(try await listed(database) == ["early not copied", "later"])
        try await notes.noteNotCopied([SessionKey(memberId: "m-1", sessionId: "later"), SessionKey(memberId: "m-1", sessionId: "early")])
        #expect(try await listed(database) == ["early not copied", "later not copied"])
        // Nothing is noted of who is erased.
        let members = MemberEraser(pool: database.pool())
        try await members.erase("m-1")
        try await notes.noteNotCopied([SessionKey(memberId: "m-1", sessionId: "early")])
        #expect(try await listed(database).isEmpty)
    }

    @Test("both histories are read side by side, compacted sessions too")
    func pairs() async throws {
        let database = try await TestDatabase()
        let history = database.connection("history")
        try await ShadowSchema(connection: history).create()
        let shadow = database.connection("shadow", schema: .shadow)
        let copier = SessionApplier(connection: shadow)
        for number in 0..<5 {
            let events: [PlaybackEvent] = [
                .playing(session: OpaqueID("s-\(number)"), seq: 0), .playing(session: OpaqueID("s-\(number)"), seq: 1),
            ]
            _ = try await writer(database).apply(events, shadowed: ["m-1"])
            if number != 2 { _ = try await copier.apply(events) }
        }
        _ = try await copier.apply([.playing(session: "stray", seq: 0)])
        _ = try await MemberCompactor(connection: database.connection("compactor")).compact("m-1", .endedBefore(.max))
        let pairs = ShadowPairs(history: history, shadow: shadow)
        var found: [ShadowPair] = []
        var after: SessionKey?
        while true {
            let (portion, last, _) = try await pairs.next(after: after, since: 0, limit: 2)
            found += portion
            guard let last else { break }
            after = last
        }
        #expect(found.map(\.key.sessionId) == ["s-0", "s-1", "s-2", "s-3", "s-4", "stray"])
        #expect(found.filter { $0.key.sessionId != "s-2" && $0.beganAt != nil }.allSatisfy { $0.history == $0.shadow && $0.history != nil })
        #expect(found[2].shadow == nil && found[2].history?.eventCount == 2)
        #expect(found[5].history == nil && found[5].beganAt == nil && found[5].shadow != nil)
        let later = try await pairs.next(after: nil, since: 4_000_000_000_000, limit: 10)
        #expect(later.pairs.isEmpty && later.last == found[5].key, "what is left out is looked at all the same")
        let single = try await pairs.pairs(of: [found[1].key, found[5].key])
        #expect(single.map(\.history) == [found[1].history, nil] && single.map(\.shadow) == [found[1].shadow, found[5].shadow])
    }

    @Test("a writer of the shadow that holds a member's lock keeps nobody out of the history")
    func locks() async throws {
        let database = try await TestDatabase()
        try await ShadowSchema(connection: database.connection("history")).create()
        let hanging = database.connection("hanging", schema: .shadow)
        _ = try await hanging.run([
            .begin, SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of([OpaqueID("m-1")]))),
        ])
        let alone = LockBuckets.lockAlone(.int4(LockBuckets.space), .int4(LockBuckets.of([OpaqueID("m-1")])[0]))
        _ = try await database.connection("eraser").run([.begin, alone, .rollback])
        // The same in the history would wait.
        let writing = database.connection("writing")
        _ = try await writing.run([
            .begin, SessionTable.lockShared(.int4(LockBuckets.space), .int4s(LockBuckets.of([OpaqueID("m-1")]))),
        ])
        let brief = database.connection("eraser", requestTimeout: .seconds(5))
        let error = await #expect(throws: PostgresError.self) { _ = try await brief.run([.begin, alone, .rollback]) }
        #expect(error?.sqlState == "57014", "it waited until its statement was cancelled")
    }
}
