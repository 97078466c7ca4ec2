import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

/// The edge writes the history itself, for members that are routed so.
@Suite(.serialized) struct SynchronousPathTests {
    @Test func anAnswerMeansThatItCanBeRead() async throws {
        let playhead = try await Playhead()
        try await playhead.route("set", "--async", "0")
        let viewing = Viewing(members: 4, sessions: 3, events: 5)
        for start in stride(from: 0, to: viewing.events.count, by: 7) {
            let answer = try await playhead.send(Array(viewing.events[start..<min(start + 7, viewing.events.count)]))
            #expect(answer.status == 200)
            #expect(try answer.json(Receipt.self).durability == "database")
        }
        // Nothing is waited for.
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
        #expect(try await playhead[.edge].metric(#"playhead_edge_events_total{outcome="database"}"#) == Double(viewing.events.count))
        // Repeated, by the other way too: nothing counts twice.
        try await playhead.place(of: Array(viewing.events.prefix(20)))
        try await playhead.route("set", "--async", "100")
        #expect(try await playhead.place(of: Array(viewing.events.prefix(20))) == "stream")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func followersAreTold() async throws {
        let playhead = try await Playhead()
        try await playhead.route("set", "--async", "0")
        let live = try await LiveConnection(playhead.query + "/v1/members/m-1/history/live")
        defer { live.close() }
        try await playhead.place(of: [.playing(seq: 0), .playing(seq: 1)])
        try await eventually("the change is in the feed") {
            live.events.contains { $0.name == "session" && $0.data.contains(#""watchedMs":10000"#) }
        }
    }

    @Test func aRequestOfBothWaysIsTakenOnEach() async throws {
        let playhead = try await Playhead([.edge, .processor])
        try await playhead.route("pin", "by-hand", "sync")
        let events: [PlaybackEvent] = [.playing(member: "by-hand", seq: 0), .playing(member: "other", seq: 0)]
        let answer = try await playhead.send(events)
        #expect(answer.status == 202)
        let receipt: Receipt = try answer.json()
        #expect(receipt.accepted == 2 && receipt.durability == "stream")
        #expect(try await playhead.summaries(of: ["by-hand"]).count == 1)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["other"]).count == 1)
        try await playhead.route("unpin", "by-hand")
        #expect(try await playhead.place(of: [.playing(member: "by-hand", seq: 1)]) == "stream")
    }

    @Test func whatTheDatabaseRefusesIsSetAsideAndTheOthersAreWritten() async throws {
        let playhead = try await Playhead([.edge])
        try await playhead.route("set", "--async", "0")
        let database = playhead.database.connection()
        try await database.runScript("ALTER TABLE playback_session ADD CONSTRAINT no_bad CHECK (title_id <> 'bad')")
        var events = (0..<20).map { PlaybackEvent.playing(session: OpaqueID("s-\($0)"), seq: 0) }
        events.insert(PlaybackEvent.playing(session: "refused", seq: 0, title: "bad"), at: 7)
        #expect(try await playhead.place(of: events) == "database")
        #expect(try await playhead.summaries(of: ["m-1"]).count == 20)
        let letters = try await DeadLetterStore(connection: database).letters(.init(), after: 0, limit: 10)
        #expect(letters.map(\.letter.sqlState) == ["23514"])
        #expect(letters.map(\.letter.stream) == ["sync"])

        // A database that refuses everything is not emptied into dead letters.
        try await database.runScript("ALTER TABLE playback_session ADD CONSTRAINT nothing CHECK (title_id = 'bad') NOT VALID")
        var refused = 0
        for batch in 0..<12 {
            let answer = try await playhead.send((0..<20).map { .playing(session: OpaqueID("later-\(batch)-\($0)"), seq: 0) })
            if answer.status == 503 { refused += 1 } else { #expect(answer.status == 200) }
        }
        #expect(refused == 3, "with the first one, ten batches make 201, which is too many")
        #expect(try await playhead.readiness().text.contains("refuses too much"))
    }

    @Test func anErasedMembersEventsAreDropped() async throws {
        let playhead = try await Playhead([.edge, .query])
        try await playhead.route("set", "--async", "0")
        try await playhead.place(of: [.playing(seq: 0)])
        #expect(try await playhead.delete("/v1/members/m-1") == 204)
        #expect(try await playhead.place(of: [.playing(seq: 1)]) == "database")
        #expect(try await playhead.shown("m-1").isEmpty)
    }

    @Test func aDatabaseInTroubleReachesTheDevicesOfThisWayAndNoOthers() async throws {
        let playhead = try await Playhead(
            [.edge],
            settings: ["PLAYHEAD_SYNC_CONNECTIONS": "2", "PLAYHEAD_SYNC_WAITING": "3", "PLAYHEAD_SYNC_TIMEOUT_MS": "1500"])
        try await playhead.route("set", "--async", "0")
        try await playhead.route("pin", "apart", "async")
        try await playhead.post([.playing(seq: 0)])
        let gate = playhead.database.connection("gate")
        try await gate.runScript("BEGIN; LOCK TABLE playback_session IN ACCESS EXCLUSIVE MODE")
        // Each has its deadline, or it would not be answered while the gate is closed.
        let answers = try await withThrowingTaskGroup(of: HTTP.Answer.self) { group in
            for number in 0..<10 {
                group.addTask { try await playhead.send([.playing(session: OpaqueID("waits-\(number)"), seq: 0)]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.map(\.status) == Array(repeating: 503, count: 10))
        #expect(answers.allSatisfy { $0.header("retry-after") != nil && $0.text.contains("not-written") })
        #expect(try await playhead.place(of: [.playing(member: "apart", seq: 0)]) == "stream")
        #expect(try await playhead.readiness().status == 200)
        try await gate.runScript("ROLLBACK")
        try await playhead.post([.playing(session: "waits-0", seq: 0)])
        try await eventually("all is well") { try await !playhead.readiness().text.contains("postgres") }
        // In trouble again, it is nobody's any more once nobody goes this way.
        try await gate.runScript("BEGIN; LOCK TABLE playback_session IN ACCESS EXCLUSIVE MODE")
        #expect(try await playhead.send([.playing(session: "waits again", seq: 0)]).status == 503)
        #expect(try await playhead.readiness().text.contains("postgres"))
        try await playhead.route("set", "--async", "100")
        try await eventually("it does not matter") { try await !playhead.readiness().text.contains("postgres") }
        try await gate.runScript("ROLLBACK")
    }
}
