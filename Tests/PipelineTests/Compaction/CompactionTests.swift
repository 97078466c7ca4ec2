import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

/// The compactor as a process, and what everybody else sees of its work.
@Suite(.serialized) struct CompactionTests {
    /// Compacts as soon as it may, and trims at once.
    private static let eager = ["PLAYHEAD_COMPACT_AFTER": "1s", "PLAYHEAD_STREAM_RETENTION": "0s"]

    private func answers(_ playhead: Playhead, _ member: OpaqueID) async throws -> [String] {
        let paths = [
            "history?limit=3", "history?titleId=t-1", "continue-watching", "titles/t-2/bookmark", "sessions/\(member)-0",
            "history/export?format=csv", "history/export?format=ndjson",
        ]
        var answers: [String] = []
        for path in paths { answers.append(try await HTTP.get(playhead.query + "/v1/members/\(member)/\(path)").text) }
        return answers
    }

    private func awaitCompacted(_ playhead: Playhead) async throws {
        let rows = PostgresStatement(name: "rows", sql: "SELECT count(*) FROM playback_session")
        let watcher = playhead.database.connection("watcher")
        try await eventually("no session is live any more", within: .seconds(60)) { try await watcher.run(rows()).int8(0, 0) == 0 }
    }

    @Test func compactedViewingIsReadTheSameAndLateEventsCountInIt() async throws {
        let playhead = try await Playhead([.edge, .processor, .query], settings: Self.eager)
        let viewing = Viewing(members: 3, sessions: 12, events: 10)
        // A phone kept the last ones of each session.
        let late = viewing.events.filter { $0.seq >= 8 }
        try await playhead.post(viewing.events.filter { $0.seq < 8 })
        try await playhead.settle()
        var before: [[String]] = []
        for member in viewing.members { before.append(try await answers(playhead, member)) }
        #expect(before[0][0].contains(#""nextCursor""#) && before[0].allSatisfy { $0.count > 20 })

        let compactors = try (0..<2).map { _ in try playhead.start(.compactor) }
        try await awaitCompacted(playhead)
        for (place, member) in viewing.members.enumerated() { #expect(try await answers(playhead, member) == before[place]) }

        try await playhead.post(late)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        #expect(try await playhead[.processor].metric("playhead_processor_brought_back_sessions_total") == 36)
        try await awaitCompacted(playhead)
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        try await eventually("the compactors have counted each session twice") {
            var compacted = 0.0
            for compactor in compactors { compacted += try await compactor.metric("playhead_compactor_compacted_sessions_total") }
            return compacted == 72
        }
    }

    @Test func whatIsOlderThanKeptGoesAndIsNotTakenAgain() async throws {
        let playhead = try await Playhead([.edge, .processor, .query], settings: Self.eager)
        let viewing = Viewing(members: 2, sessions: 2, events: 5)
        try await playhead.post(viewing.events)
        try await playhead.settle()
        // Long after: what ended more than a second ago is old.
        let keeping = ["PLAYHEAD_HISTORY_RETENTION": "1s"]
        let compactor = try playhead.start(.compactor, settings: keeping)
        try await eventually("all of it is gone") { try await playhead.summaries(of: viewing.members).isEmpty }
        try await eventually("it is counted") { try await compactor.metric("playhead_compactor_expired_sessions_total") == 4 }
        playhead[.processor].process.send(SIGTERM)
        await playhead[.processor].process.waitUntilExit()
        let processor = try playhead.start(.processor, settings: keeping)
        try await playhead.post(viewing.events)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members).isEmpty)
        #expect(try await processor.eventsByOutcome() == ["expired": 20])
    }

    @Test func theCommandCompactsAMemberOrAll() async throws {
        let playhead = try await Playhead([.edge, .processor, .query])
        let viewing = Viewing(members: 3, sessions: 4, events: 5)
        try await playhead.post(viewing.events)
        try await playhead.settle()
        func compact(_ arguments: String...) async throws -> RunningService.Ending {
            try await playhead.run(["compact"] + arguments)
        }
        // Nothing has rested for thirty days.
        #expect(try await compact("--all").output.hasPrefix("3 members: 0 sessions compacted"))
        #expect(try await compact("--member", "member-1", "--now").output.hasPrefix("1 members: 4 sessions compacted"))
        #expect(try await compact("--all", "--now").output.hasPrefix("2 members: 8 sessions compacted"))
        #expect(try await compact("--all", "--member", "member-1").status != 0)
        #expect(try await compact().status != 0)
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    struct Stats: Decodable, Equatable {
        struct Item: Decodable, Equatable {
            var day: String
            var views: Int
            var watchedMs: Int
            var completions: Int
            var viewers: Int
        }

        var titleId: String
        var from: String
        var to: String
        var items: [Item]
    }

    @Test func operatorsSeeWhatWasViewedOfATitle() async throws {
        let playhead = try await Playhead([.edge, .processor, .query])
        // Two sessions of 2025-11-21 of each of three members, and one of the next day.
        let day: Int64 = 86_400_000
        let events = (0..<3).flatMap { member in
            (0..<3).flatMap { session in
                (0..<3).map { seq in
                    PlaybackEvent.playing(
                        member: OpaqueID("m-\(member)"), session: OpaqueID("s-\(member)-\(session)"), seq: seq, title: "t é",
                        startedAt: 1_763_700_000_000 + (session == 2 ? day : 0))
                }
            }
        }
        try await playhead.post(events)
        try await playhead.settle()
        let address = playhead.query + "/v1/titles/t%20%C3%A9/stats"
        let expected = [
            Stats.Item(day: "2025-11-21", views: 6, watchedMs: 120_000, completions: 0, viewers: 3),
            Stats.Item(day: "2025-11-22", views: 3, watchedMs: 60_000, completions: 0, viewers: 3),
        ]
        let range = "?from=2025-11-01&to=2025-12-01"
        #expect(
            try await HTTP.get(address + range).json(Stats.self)
                == Stats(titleId: "t é", from: "2025-11-01", to: "2025-12-01", items: expected))
        // Whether a member's viewing is live, compacted, or both.
        for member in ["m-0", "m-1"] {
            #expect(try await playhead.run("compact", "--now", "--member", member).status == 0)
            #expect(try await HTTP.get(address + range).json(Stats.self).items == expected)
        }
        try await playhead.post([.playing(member: "m-0", session: "s-new", seq: 0, title: "t é", startedAt: 1_763_700_000_000)])
        try await playhead.settle()
        let more = try await HTTP.get(address + "?from=2025-11-21&to=2025-11-22").json(Stats.self)
        #expect(more.items == [Stats.Item(day: "2025-11-21", views: 7, watchedMs: 120_000, completions: 0, viewers: 3)])
        #expect(try await HTTP.get(address).json(Stats.self).items.isEmpty)
        for query in ["?from=yesterday", "?from=2025-11-22&to=2025-11-21", "?from=1970-01-01&to=2025-11-21", "?to=2025-02-30"] {
            let refused = try await HTTP.get(address + query)
            #expect(refused.status == 400, "\(query)")
            #expect(try refused.json(ProblemBody.self).type == "urn:playhead:problem:invalid-parameter")
        }
    }
}
