import HistoryStore
import TestSupport
import Testing

/// Reads of a history whose database is slow or away.
@Suite(.serialized) struct DatabaseTroubleTests {
    private static let paths = ["history", "history?limit=500", "continue-watching", "titles/t-1/bookmark", "sessions/s-1"]

    /// - Returns: the statuses, and how long the slowest took.
    private func ask(_ playhead: Playhead) async throws -> (statuses: Set<UInt>, slowest: Duration) {
        try await withThrowingTaskGroup { group in
            for path in Self.paths {
                for _ in 0..<10 {
                    group.addTask {
                        let began = ContinuousClock.now
                        let answer = try await HTTP.get(playhead.query + "/v1/members/m-1/" + path)
                        #expect(answer.status == 200 || answer.header("retry-after") == "1", "\(path): \(answer.text)")
                        return (answer.status, ContinuousClock.now - began)
                    }
                }
            }
            var statuses: Set<UInt> = []
            var slowest = Duration.zero
            for try await (status, took) in group {
                statuses.insert(status)
                slowest = max(slowest, took)
            }
            return (statuses, slowest)
        }
    }

    @Test func aDatabaseThatHangsOrIsGoneIs503WithinTheDeadline() async throws {
        let playhead = try await Playhead()
        try await playhead.post([.playing(seq: 0), .playing(seq: 1)])
        try await playhead.settle()
        try await eventually("all are answered") { try await ask(playhead).statuses == [200] }

        let gate = playhead.database.connection()
        try await gate.runScript("BEGIN; LOCK TABLE playback_session")
        let hanging = try await ask(playhead)
        #expect(hanging.statuses == [503])
        // 2 s, and what the machine is late by; not the 8 s of a write.
        #expect(hanging.slowest < .seconds(7), "\(hanging.slowest)")
        let began = ContinuousClock.now
        #expect(try await playhead.delete("/v1/members/m-1/history/t-1") == 503)
        // 8 s of a write.
        #expect(.now - began < .seconds(18))
        try await gate.runScript("COMMIT")
        try await eventually("as before") { try await ask(playhead).statuses == [200] }

        let administrator = try await TestDatabase().connection()
        let name = try #require(playhead.database.url.split(separator: "/").last)
        try await administrator.runScript(
            """
            ALTER DATABASE \(name) ALLOW_CONNECTIONS false;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'
            """)
        let gone = try await ask(playhead)
        #expect(gone.statuses == [503] && gone.slowest < .seconds(7), "\(gone)")
        try await administrator.runScript("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
        try await eventually("as before") { try await ask(playhead).statuses == [200] }
    }
}
