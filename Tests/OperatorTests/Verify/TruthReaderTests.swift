import Foundation
import Models
import Testing

@testable import Operator

@Suite("Truth files")
struct TruthReaderTests {
    @Test("give back what was written")
    func roundTrip() throws {
        #expect(TruthSample.sessions.contains { $0.events.contains { $0.fromPositionMs != nil } })
        for session in TruthSample.sessions { #expect(try TruthSession(line: TruthSample.line(session)) == session) }
    }

    @Test("give back sessions that are not known")
    func uncertain() throws {
        var session = TruthSample.sessions[0]
        (session.unanswered, session.dropped, session.expected, session.deviceId) = ([4, 7], [1000, 1002], nil, nil)
        session.events = session.events.map { event in
            var event = event
            (event.deviceId, event.deviceType) = (nil, nil)
            return event
        }
        #expect(try TruthSession(line: TruthSample.line(session)) == session)
    }

    @Test("are weighed anew")
    func whole() async throws {
        let known = try await TruthSample.read()
        #expect(known.map(\.sessionId) == TruthSample.sessions.map(\.sessionId))
        #expect(known.map(\.expected) == TruthSample.sessions.map(\.expected))
        #expect(known.map(\.acceptedEvents) == TruthSample.sessions.map(\.events.count))
        #expect(known.map(\.expected?.sequenceRuns.last?.last) == TruthSample.sessions.map { $0.events.last!.seq })
    }

    @Test("may lack the newline at the end, and have no sessions")
    func shapes() async throws {
        #expect(try await TruthSample.read(damage: { $0[$0.count - 1].removeLast() }).count == TruthSample.sessions.count)
        #expect(try await TruthSample.read([]).isEmpty)
    }

    @Test("that are not what they should be are refused, with the line and the reason")
    func files() async throws {
        try await expect("line 1: this is not a truth file", damage: { $0[0] = Data("{}\n".utf8) })
        try await expect("line 1: this is not a truth file", damage: { $0 = [] })
        try await expect("line 1: this is not a truth file", header: { $0.format = "other" })
        try await expect("line 1: the file has version 2 of the format, this command reads 1", header: { $0.version = 2 })
        try await expect("line 1: the file is not complete", header: { $0.isComplete = false })
        try await expect("line 1: the file is damaged: it has 59 sessions, and should have 60", damage: { $0.removeLast() })
        try await expect("line 1: the file is damaged", header: { $0.totals.accepted += 1 })
        try await expect("line 61: not a session in JSON", damage: { $0[60] = $0[60].prefix(100) })
        try await expect("line 3: not a session in JSON", damage: { $0[2] = Data("\n".utf8) })
    }

    @Test(
        "whose sessions are damaged are refused, with the line and the reason",
        arguments: [
            (#""memberId""#, #""member""#, "memberId is missing"), (#""events":[["#, #""events":[[["#, "not a session in JSON"),
            (#""titleId":""#, #""titleId":7,"x":""#, "titleId has the wrong type"),
            (#""events":[[0,0,"#, #""events":[[0,9,"#, "is no event"),
            (#""events":[[0,0,"#, #""events":[[0,0,0,"#, "is no"), (#""events":[[0,"#, #""events":[[5,"#, "does not come after"),
            (#""events":[[0,0,"#, #""events":[[0,0,-"#, "is no good event: positionMs"),
            (#""watchedMs":"#, #""watchedMs":1"#, "the file is damaged: it expects watchedMs"),
            (#""completed":"#, #""completed":1,"x":"#, "expected has the wrong type"),
            (#""expected""#, #""expect""#, "expected is missing"),
            (#""missingEvents":"#, #""missingEvents":1"#, "the file is damaged: it expects missingEvents"),
            (#""sequenceRuns":[[0,"#, #""sequenceRuns":[[1,"#, "the file is damaged: it expects sequenceRuns"),
        ])
    func lines(old: String, new: String, reason: String) async throws {
        // One that begins with 0 and has a number of events.
        let place = try #require(
            TruthSample.sessions.firstIndex { $0.events.count > 5 && $0.events[1].seq == 1 && $0.events[0].positionMs > 0 })
        try await expect(
            "line \(place + 2):", reason,
            damage: { lines in
                let line = String(decoding: lines[place + 1], as: UTF8.self)
                #expect(line.contains(old))
                lines[place + 1] = Data(line.replacing(old, with: new, maxReplacements: 1).utf8)
            })
    }

    @Test("that are not there are named")
    func absent() async {
        await #expect {
            try await TruthReader(path: "/no/such/file").sessions()
        } throws: {
            "\($0)".contains("cannot read /no/such/file")
        }
    }

    @Test("of one simulation cannot be given twice")
    func twice() async throws {
        var known = KnownSessions()
        try known.add(await TruthSample.read(), from: "a")
        #expect(known.sessions == 60 && known.members.values.reduce(0) { $0 + $1.count } == 60 && known.uncertain == 0)
        #expect(known.events == TruthSample.sessions.reduce(0) { $0 + $1.events.count })
        let again = try await TruthSample.read()
        #expect {
            try known.add(again, from: "b")
        } throws: {
            "\($0)".contains("is in a and in b")
        }
    }

    private func expect(
        _ reasons: String..., header: (inout TruthHeader) -> Void = { _ in }, damage: (inout [Data]) -> Void = { _ in }
    ) async throws {
        do {
            _ = try await TruthSample.read(header: header, damage: damage)
            Issue.record("\(reasons) was expected")
        } catch let error as TruthFileError {
            for reason in reasons { #expect(error.description.contains(reason), "\(error)") }
        }
    }
}
