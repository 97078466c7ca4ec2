import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

@Suite struct DeadLetterStoreTests {
    private struct Away: Error {}

    private func filled(_ count: Int) async throws -> (database: TestDatabase, store: DeadLetterStore) {
        let database = try await TestDatabase()
        let letters = (0..<count).map {
            DeadLetter(stream: "s-\($0 % 2)", entryID: "\($0)-0", reason: "reason \($0)", payload: [UInt8($0)])
        }
        _ = try await SessionApplier(connection: database.connection()).apply([], deadLetters: letters)
        return (database, DeadLetterStore(connection: database.connection("store")))
    }

    @Test func whatIsTakenIsGoneAndWhatMustBeKeptIsANewLetter() async throws {
        let (_, store) = try await filled(3)
        let ids = try await store.letters(.init(), limit: 10).map(\.id)
        let kept = DeadLetter(stream: "s-0", entryID: "0-0", reason: "a part", payload: [200])
        let taken = try await store.take([ids[0], ids[2], 999]) { letters in
            #expect(letters.map(\.reason).sorted() == ["reason 0", "reason 2"])
            return [kept]
        }
        #expect(taken == 2)
        #expect(try await store.letters(.init(), limit: 10).map(\.letter.reason) == ["reason 1", "a part"])
        #expect(try await store.take(ids, use: { $0 }) == 1)
        #expect(try await store.count() == 2)
    }

    @Test func whatCannotBeUsedStays() async throws {
        let (_, store) = try await filled(2)
        let ids = try await store.letters(.init(), limit: 10).map(\.id)
        await #expect(throws: Away.self) { try await store.take(ids) { _ in throw Away() } }
        #expect(try await store.letters(.init(), limit: 10).map(\.id) == ids)
    }

    @Test func aConnectionThatIsLostMeanwhileLeavesTheLetters() async throws {
        let (database, store) = try await filled(2)
        let ids = try await store.letters(.init(), limit: 10).map(\.id)
        _ = try? await store.take(ids) { _ in
            try await database.connection().runScript(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'store' AND datname = current_database()
                """)
            return []
        }
        #expect(try await DeadLetterStore(connection: database.connection()).letters(.init(), limit: 10).map(\.id) == ids)
    }

    @Test func aLetterThatIsSetAsideAgainWhileItIsTakenIsThereAfterwards() async throws {
        let (database, store) = try await filled(1)
        let letter = try #require(try await store.letters(.init(), limit: 1).first)
        let watcher = database.connection("watcher")
        let waiting = PostgresStatement(
            name: "waiting", sql: "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        let again = SessionApplier(connection: database.connection("processor"))
        var setAside: Task<Void, any Error>?
        _ = try await store.take([letter.id]) { letters in
            setAside = Task { _ = try await again.apply([], deadLetters: letters) }
            try await eventually("the processor waits for the row") { try await watcher.run(waiting()).int8(0, 0) == 1 }
            return []
        }
        try await setAside?.value
        let found = try await store.letters(.init(), limit: 10)
        #expect(found.map(\.letter.payload) == [letter.letter.payload] && found.first?.id != letter.id)
    }

    @Test func filtersMustAllFit() async throws {
        let (_, store) = try await filled(6)
        #expect(try await store.count(.init(stream: "s-1")) == 3)
        #expect(try await store.count(.init(reason: "reason 3", stream: "s-1")) == 1)
        #expect(try await store.count(.init(reason: "reason 3", stream: "s-0")) == 0)
        #expect(try await store.count(.init(from: 4_000_000_000_000)) == 0)
        #expect(try await store.count(.init(to: 4_000_000_000_000)) == 6)
        #expect(try await store.count(.init(ids: [])) == 0)
        let pages = [try await store.letters(.init(), limit: 4), try await store.letters(.init(), after: 4, limit: 4)]
        #expect(pages.map { $0.map(\.letter.reason) } == [(0..<4).map { "reason \($0)" }, ["reason 4", "reason 5"]])
        #expect(try await store.discard(.init(reason: "reason", stream: "s-0")) == 3)
        #expect(try await store.count() == 3)
    }
}
