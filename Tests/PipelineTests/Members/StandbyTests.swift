import Models
import TestSupport
import Testing

@testable import HistoryStore

@Suite(.serialized) struct StandbyTests {
    /// Another database stands for a standby that is behind.
    @Test func readsGoToTheStandbyAndWritesToThePrimary() async throws {
        let standby = try await TestDatabase()
        let playhead = try await Playhead([.query], settings: ["PLAYHEAD_POSTGRES_READ_URL": standby.url])
        _ = try await SessionApplier(connection: standby.connection()).apply([.playing(session: "behind", seq: 0)])
        _ = try await SessionApplier(connection: playhead.database.connection()).apply([.playing(session: "ahead", seq: 0)])
        #expect(try await playhead.shown("m-1").map(\.sessionId) == ["behind"])
        #expect(try await HTTP.get(playhead.query + "/v1/members/m-1/history/export?format=ndjson").text.contains("behind"))
        #expect(try await playhead.delete("/v1/members/m-1/history/t-1") == 204)
        let hidden = "SELECT count(*) FROM hidden_title"
        #expect(try await playhead.database.connection().run(PostgresStatement(name: "hidden", sql: hidden)()).int8(0, 0) == 1)
        #expect(try await standby.connection().run(PostgresStatement(name: "hidden", sql: hidden)()).int8(0, 0) == 0)
    }

    /// Its query service or its operator died over it.
    @Test func theCompactorFinishesAnErasureThatWasBegun() async throws {
        let playhead = try await Playhead([])
        let connection = playhead.database.connection()
        _ = try await SessionApplier(connection: playhead.database.connection("writer")).apply(
            (0..<1500).map { .playing(session: OpaqueID("s-\($0)"), seq: 0) } + [.playing(member: "other", seq: 0)])
        _ = try await connection.run(MemberEraser.mark(.text("m-1")))
        try await connection.runScript("UPDATE erasure SET began_at = now() - interval '1 hour'")
        _ = try playhead.start(.compactor)
        try await eventually("nothing is left") {
            let left =
                "SELECT (SELECT count(*) FROM playback_session) + (SELECT count(*) FROM erasure) + (SELECT count(*) FROM hidden_title)"
            return try await connection.run(PostgresStatement(name: "left", sql: left)()).int8(0, 0) == 1
        }
    }
}
