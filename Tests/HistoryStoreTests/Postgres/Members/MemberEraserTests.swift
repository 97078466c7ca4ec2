import Models
import TestSupport
import Testing
import Wire

@testable import HistoryStore

@Suite struct MemberEraserTests {
    private let database: TestDatabase
    private let eraser: MemberEraser
    private let applier: SessionApplier

    init() async throws {
        database = try await TestDatabase()
        eraser = MemberEraser(pool: database.pool())
        applier = SessionApplier(connection: database.connection("writer"))
    }

    /// The text of everything that the database holds, but for its own catalogue.
    private func everything() async throws -> String {
        let connection = database.connection("reader")
        var text = ""
        for table in ["playback_session", "member_state", "dead_letter", "hidden_title", "erased_member", "erasure", "change_outbox"] {
            let rows = try await connection.run(PostgresStatement(name: "all_\(table)", sql: "SELECT t::text FROM \(table) t")())
            for row in 0..<rows.rowCount { text += "\(table): \(rows.text(row, 0) ?? "")\n" }
        }
        return text
    }

    @Test func nothingOfTheMemberIsLeftInMoreThanABatch() async throws {
        let erased: OpaqueID = "unmistakable"
        let events = (0..<2500).map { PlaybackEvent.playing(member: erased, session: OpaqueID("s-\($0)"), seq: 0) }
        _ = try await applier.apply(events + [.playing(member: "other", seq: 0)])
        let hidden = HiddenHistory(pool: database.pool())
        try await hidden.hide("t", of: erased)
        try await hidden.hide("t", of: "other")
        try await eraser.erase(erased)

        let changes = ChangeOutbox(connection: database.connection("outbox"))
        var announced: [HistoryChange] = []
        while try await changes.drain({ announced += $0 }) > 0 {}
        #expect(announced.filter { $0.memberId == erased }.map(\.content) == [.erased], "what it hid is not told any more")
        let rest = try await everything()
        // The tombstone is a hash; bytea shows bytes as digits.
        #expect(!rest.contains("unmistakable") && !rest.contains("unmistakable".utf8.map { String($0, radix: 16) }.joined()), "\(rest)")
        #expect(rest.contains("erased_member: ") && rest.contains("playback_session: (other") && rest.contains("hidden_title: (other"))
    }

    @Test func deadLettersGoAndOthersKeepTheirEventsOfSharedOnes() async throws {
        let events: [PlaybackEvent] = [.playing(seq: 0), .playing(member: "m-2", seq: 0), .playing(seq: 1)]
        var own = DeadLetter(stream: "s", entryID: "1-1", reason: "refused", payload: WireEvents.encode([events[0]]))
        own.key = events[0].key
        let shared = DeadLetter(stream: "s", entryID: "1-2", reason: "crashed", payload: WireEvents.encode(events))
        let alone = DeadLetter(stream: "s", entryID: "1-3", reason: "crashed", payload: WireEvents.encode([events[0], events[2]]))
        let others = DeadLetter(
            stream: "s", entryID: "1-4", reason: "crashed", payload: WireEvents.encode([.playing(member: "m-11", seq: 0)]))
        _ = try await applier.apply([], deadLetters: [own, shared, alone, others])
        try await eraser.erase("m-1")
        let left = try await DeadLetterStore(connection: database.connection()).letters(.init(), limit: 10).map(\.letter)
        #expect(left.map(\.entryID).sorted() == ["1-2", "1-4"])
        #expect(try left.flatMap { try WireEvents.decode($0.payload) }.map(\.memberId).sorted() == ["m-11", "m-2"])
    }

    @Test func itCanBeRepeatedAndFinishedBySomebodyElse() async throws {
        _ = try await applier.apply((0..<10).map { .playing(session: OpaqueID("s-\($0)"), seq: 0) })
        // It breaks off after the mark.
        _ = try await database.pool().run([MemberEraser.mark(.text("m-1"))])
        let reader = HistoryReader(pool: database.pool())
        #expect(try await reader.history(of: "m-1", filter: .init(), after: nil, limit: 10).sessions.isEmpty, "not shown from the mark on")
        #expect(try await applier.apply([.playing(session: "s-11", seq: 0), .playing(session: "s-1", seq: 1)]).erased == 1)
        #expect(try await eraser.readmit("m-1") == false, "not while rows are left")

        #expect(try await eraser.unfinished(olderThan: 0) == ["m-1"])
        #expect(try await eraser.unfinished(olderThan: 600).isEmpty)
        try await eraser.removeRows(of: "m-1")
        #expect(try await eraser.unfinished(olderThan: 0).isEmpty)
        try await eraser.erase("m-1")
        #expect(try await applier.apply([.playing(session: "s-1", seq: 2)]).erased == 1)
    }

    @Test func aReadmittedMemberIsNewAndCanBeErasedAgain() async throws {
        #expect(try await eraser.readmit("m-1") == false)
        try await eraser.erase("m-1")
        #expect(try await eraser.readmit("m-1") == true)
        #expect(try await eraser.readmit("m-1") == false)
        var event = PlaybackEvent.playing(seq: 0)
        event.receivedAt = 4_000_000_000_000
        #expect(try await applier.apply([event]).applied == 1)
        try await eraser.erase("m-1")
        event.seq = 1
        #expect(try await applier.apply([event]).erased == 1)
        let rows = try await database.connection().run(PostgresStatement(name: "epochs", sql: "SELECT epoch FROM erased_member")())
        #expect(rows.rowCount == 1 && rows.int8(0, 0) == 3)
    }

    @Test func nothingIsNotedOfAnErasedMember() async throws {
        try await eraser.erase("m-1")
        let hidden = HiddenHistory(pool: database.pool())
        try await hidden.hide("t", of: "m-1")
        try await hidden.hideRow("t", of: "m-1")
        try await hidden.hideAll(of: "m-1")
        #expect(try await everything().contains("hidden_title") == false)
    }

    @Test func severalMayEraseAMemberAtOnce() async throws {
        _ = try await applier.apply((0..<2500).map { .playing(session: OpaqueID("s-\($0)"), seq: 0) })
        let members = MemberEraser(pool: database.pool(size: 4))
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 { group.addTask { try await members.erase("m-1") } }
            try await group.waitForAll()
        }
        let outbox = ChangeOutbox(connection: database.connection("outbox"))
        while try await outbox.drain({ _ in }) > 0 {}
        let rest = try await everything()
        #expect(!rest.contains("m-1"), "\(rest.prefix(500))")
    }

    /// Somebody who had begun earlier goes on after the erasing has ended.
    @Test func whoIsReadmittedKeepsWhatComesThen() async throws {
        try await eraser.erase("m-1")
        #expect(try await eraser.readmit("m-1") == true)
        var event = PlaybackEvent.playing(seq: 0)
        event.receivedAt = 4_000_000_000_000
        #expect(try await applier.apply([event]).applied == 1)
        let hidden = HiddenHistory(pool: database.pool())
        try await hidden.hide("other", of: "m-1")
        try await eraser.removeRows(of: "m-1")
        let rest = try await everything()
        #expect(rest.contains("playback_session: (m-1") && rest.contains("hidden_title: (m-1"))
    }

    /// Somebody who had begun with an earlier erasing ends that one only.
    @Test func anErasingIsEndedByThoseWhoKnowIt() async throws {
        let number = PostgresStatement(name: "number", sql: "SELECT number FROM erasure WHERE member_id = 'm-1'")
        _ = try await database.pool().run([MemberEraser.mark(.text("m-1"))])
        let first = try await database.connection().run(number()).int8(0, 0)
        try await eraser.removeRows(of: "m-1")
        #expect(try await eraser.readmit("m-1") == true)
        var event = PlaybackEvent.playing(seq: 0)
        event.receivedAt = 4_000_000_000_000
        #expect(try await applier.apply([event]).applied == 1)

        _ = try await database.pool().run([MemberEraser.mark(.text("m-1"))])
        _ = try await database.pool().run([MemberEraser.end(.text("m-1"), .int8(first))])
        #expect(try await eraser.unfinished(olderThan: 0) == ["m-1"], "the second goes on")
        try await eraser.removeRows(of: "m-1")
        #expect(try await everything().contains("playback_session") == false)
    }

    @Test func nothingIsKeptInTheOutboxOfAnErasedMember() async throws {
        let applied = try await applier.applyAndTell([.playing(seq: 0), .playing(member: "m-2", seq: 0)])
        try await eraser.erase("m-1")
        let outbox = ChangeOutbox(connection: database.connection("outbox"))
        while try await outbox.drain({ _ in }) > 0 {}
        try await outbox.keep(applied.changes)
        let rest = try await everything()
        #expect(!rest.contains("m-1") && rest.contains("change_outbox: ("), "\(rest)")
    }

    @Test func noDeadLetterIsMadeOfAnErasedMember() async throws {
        try await eraser.erase("m-1")
        let letters = ["m-1", "m-2"].map { member in
            var letter = DeadLetter(stream: "s", entryID: "1-1", reason: "refused", payload: Array(member.utf8))
            letter.key = SessionKey(memberId: OpaqueID(member), sessionId: "s")
            return letter
        }
        _ = try await applier.apply([], deadLetters: letters)
        let left = try await DeadLetterStore(connection: database.connection()).letters(.init(), limit: 10).map(\.letter)
        #expect(left.map(\.key?.memberId) == ["m-2"])
    }

    /// Others' events that a later version may understand are theirs.
    @Test func whatIsNotUnderstoodOfOthersIsKept() async throws {
        // An event of a kind that there is not, of m-2, then one of m-1. Field 1 of a batch is an event, field 1 of that its member, 4 its kind.
        let unknown: [UInt8] = [0x0a, 0x07, 0x0a, 0x03] + Array("m-2".utf8) + [0x20, 0x63]
        let payload = unknown + WireEvents.encode([.playing(seq: 0)])
        var events: [PlaybackEvent] = []
        #expect(try WireEvents.decode(payload, into: &events).count == 1)
        _ = try await applier.apply([], deadLetters: [DeadLetter(stream: "s", entryID: "1-1", reason: "crashed", payload: payload)])
        try await eraser.erase("m-1")
        let left = try await DeadLetterStore(connection: database.connection()).letters(.init(), limit: 10).map(\.letter)
        #expect(left.map(\.payload) == [unknown])
        // The bytes of an id may stand for something else: nothing of that changes.
        try await eraser.erase("m-2")
        #expect(try await everything().contains("dead_letter") == false)
    }

    /// The writer remembers the row, and finds the event there already.
    @Test func nothingIsAnnouncedOfAnErasedMember() async throws {
        let event = PlaybackEvent.playing(seq: 0)
        #expect(try await applier.applyAndTell([event]).changes.count == 1)
        #expect(try await applier.applyAndTell([event]).changes.count == 1)
        try await eraser.erase("m-1")
        #expect(try await applier.applyAndTell([event]).changes.isEmpty)
    }

    /// The writer remembers the erased row. What it finds there already is to be found in the table, too.
    @Test func whatCountedBeforeCountsAgainAfterReadmission() async throws {
        var events: [PlaybackEvent] = [.playing(seq: 0), .playing(seq: 1)]
        #expect(try await applier.apply(events).applied == 2)
        try await eraser.erase("m-1")
        #expect(try await applier.apply(events).erased == 2)
        #expect(try await eraser.readmit("m-1") == true)
        for index in events.indices { events[index].receivedAt = 4_000_000_000_000 }
        #expect(try await applier.apply(events).applied == 2)
        #expect(try await applier.apply(events).duplicates == 2)
    }

    @Test func theSameWhereNobodyAskedInBetween() async throws {
        var events: [PlaybackEvent] = [.playing(seq: 0), .playing(seq: 1)]
        #expect(try await applier.apply(events).applied == 2)
        try await eraser.erase("m-1")
        #expect(try await eraser.readmit("m-1") == true)
        for index in events.indices { events[index].receivedAt = 4_000_000_000_000 }
        #expect(try await applier.apply(events).applied == 2)
    }
}
