import Foundation
import Models
import Testing

@testable import Operator

@Suite("A member's history against the truth")
struct MemberComparisonTests {
    private static let view = SessionView(
        titleId: "t", startedAt: 1_763_700_000_000, lastWatchedAt: 1_763_700_060_000, positionMs: 60_000, runtimeMs: 3_600_000,
        watchedMs: 50_000, completed: false, deviceId: "d", deviceType: "tv", missingEvents: 2, approximate: false,
        sequenceRuns: [[0, 3], [6, 9]])

    private static func known(_ id: OpaqueID, _ change: (inout SessionView) -> Void = { _ in }) -> KnownSession {
        var view = view
        change(&view)
        return KnownSession(memberId: "m", sessionId: id, expected: view, acceptedEvents: 8)
    }

    /// As the query service spells it.
    private static func served(
        _ id: OpaqueID, runs: Bool = false, _ change: @Sendable (inout SessionView) -> Void = { _ in }
    ) throws -> ServedSession {
        var view = view
        change(&view)
        var json = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(view)) as? [String: Any])
        json["sessionId"] = id.text
        json["revision"] = 7
        json["startedAt"] = RFC3339.format(view.startedAt)
        json["lastWatchedAt"] = RFC3339.format(view.lastWatchedAt)
        if !view.approximate { json["approximate"] = nil }
        if !runs { json["sequenceRuns"] = nil }
        return try JSONDecoder().decode(ServedSession.self, from: JSONSerialization.data(withJSONObject: json))
    }

    private static func compare(
        _ known: [KnownSession], _ history: [ServedSession], details: [OpaqueID: ServedSession]? = nil
    ) -> VerifiedHistory {
        // Unless told otherwise, alone they are as in the history, with the runs of all.
        let alone = history.map { session in
            var view = session.view
            view.sequenceRuns = Self.view.sequenceRuns
            return (session.sessionId, ServedSession(sessionId: session.sessionId, view: view))
        }
        return MemberComparison(memberId: "m", sessions: known)
            .compare(history: history, details: details ?? Dictionary(alone) { first, _ in first })
    }

    @Test("counts what is right, by the runs that are served")
    func right() throws {
        let result = Self.compare([Self.known("b"), Self.known("a")], [try Self.served("b"), try Self.served("a")])
        #expect(result == VerifiedHistory(sessions: 2, events: 16))
    }

    /// A paused device's last heartbeat, say: no field of the history differs.
    @Test("sees that the last event was lost, though nothing else shows it")
    func lastEvent() throws {
        let shorter = try Self.served("a", runs: true) { $0.sequenceRuns = [[0, 3], [6, 8]] }
        let result = Self.compare([Self.known("a")], [try Self.served("a")], details: ["a": shorter])
        #expect(result.differences.map(\.kind) == [.field("sequenceRuns")] && result.events == 0)
    }

    struct Change: Sendable {
        var name: String
        var expected: String
        var actual: String
        var make: @Sendable (inout SessionView) -> Void

        init(_ name: String, _ expected: String, _ actual: String, _ make: @escaping @Sendable (inout SessionView) -> Void) {
            (self.name, self.expected, self.actual, self.make) = (name, expected, actual, make)
        }
    }

    @Test(
        "names every field that differs, with both values",
        arguments: [
            Change("titleId", "'t'", "'u'") { $0.titleId = "u" },
            Change("startedAt", "2025-11-21T04:40:00.000Z", "2025-11-21T04:40:00.001Z") { $0.startedAt += 1 },
            Change("lastWatchedAt", "2025-11-21T04:41:00.000Z", "2025-11-21T04:41:01.000Z") { $0.lastWatchedAt += 1000 },
            Change("positionMs", "60000", "60001") { $0.positionMs += 1 }, Change("runtimeMs", "3600000", "absent") { $0.runtimeMs = nil },
            Change("watchedMs", "50000", "49999") { $0.watchedMs -= 1 }, Change("completed", "false", "true") { $0.completed = true },
            Change("deviceId", "'d'", "absent") { $0.deviceId = nil }, Change("deviceType", "'tv'", "'phone'") { $0.deviceType = "phone" },
            Change("missingEvents", "2", "3") { $0.missingEvents = 3 }, Change("approximate", "false", "true") { $0.approximate = true },
        ])
    func fields(change: Change) throws {
        let (name, expected, actual) = (change.name, change.expected, change.actual)
        let result = Self.compare([Self.known("a"), Self.known("A")], [try Self.served("a", change.make), try Self.served("A")])
        #expect(result.sessions == 1 && result.events == 8)
        let difference = try #require(result.differences.first { $0.kind == .field(name) })
        #expect(difference.detail == "member m, session a: \(name) must be \(expected), not \(actual)")
        #expect(result.differences.count == 1 || name == "startedAt")
    }

    @Test("takes texts for different that only look the same")
    func bytes() throws {
        let result = Self.compare([Self.known("a") { $0.titleId = "\u{e9}" }], [try Self.served("a") { $0.titleId = "e\u{301}" }])
        #expect(result.differences.map(\.kind) == [.field("titleId")])
    }

    @Test("looks at the runs of sessions read alone")
    func runs() throws {
        let wrong = try Self.served("a", runs: true) { $0.sequenceRuns = [[0, 9]] }
        let result = Self.compare([Self.known("a")], [try Self.served("a")], details: ["a": wrong])
        #expect(result.differences.map(\.detail) == ["member m, session a: sequenceRuns must be 0-3 6-9, not 0-9"])
        #expect(result.sessions == 0 && result.events == 0)
        let absent = Self.compare([Self.known("a")], [try Self.served("a")], details: [:])
        #expect(absent.differences.map(\.kind) == [.missingSession])
    }

    @Test("reports sessions that lack, and sessions that nobody sent")
    func presence() throws {
        let result = Self.compare([Self.known("a"), Self.known("b")], [try Self.served("c"), try Self.served("b")])
        #expect(Set(result.differences.map(\.kind)) == [.missingSession, .unexpectedSession] && result.differences.count == 2)
        #expect(result.differences.contains { $0.detail == "member m, session a of 8 events" })
        #expect(result.differences.contains { $0.detail == "member m, session c" })
    }

    @Test("of an uncertain session wants what was accepted, and allows what was sent")
    func uncertain() throws {
        func known(accepted: Set<Int64>, unanswered: Set<Int64>) -> KnownSession {
            KnownSession(
                memberId: "m", sessionId: "a", expected: nil, certainty: .init(accepted: accepted, unanswered: unanswered),
                acceptedEvents: accepted.count)
        }
        // Served are 0 to 3 and 6 to 9.
        let served = [try Self.served("a") { $0.watchedMs = 1 }]
        #expect(Self.compare([known(accepted: [0, 1, 2, 3], unanswered: [6, 7, 8, 9, 10])], served) == VerifiedHistory())
        #expect(Self.compare([known(accepted: [], unanswered: [1])], []) == VerifiedHistory())
        for broken in [
            known(accepted: [0, 1, 2, 3, 5], unanswered: [6, 7, 8, 9]), known(accepted: [0, 1, 2, 3], unanswered: [6, 7, 8]),
        ] {
            let result = Self.compare([broken], served)
            #expect(result.differences.map(\.kind) == [.field("sequenceRuns")] && result.sessions == 0)
        }
        #expect(Self.compare([known(accepted: [0], unanswered: [1])], []).differences.map(\.kind) == [.missingSession])
    }

    @Test("sees history that is out of order, or has a session twice")
    func order() throws {
        let known = [Self.known("a"), Self.known("b"), Self.known("c") { $0.startedAt -= 1 }]
        let (a, b, c) = (try Self.served("a"), try Self.served("b"), try Self.served("c") { $0.startedAt -= 1 })
        #expect(Self.compare(known, [b, a, c]).differences.isEmpty)
        for history in [[a, b, c], [c, b, a], [b, b, a, c]] {
            let result = Self.compare(known, history)
            #expect(Set(result.differences.map(\.kind)) == [.order] && result.sessions == 3)
        }
    }

    @Test("refuses sessions of another shape", arguments: ["startedAt", "revision", "watchedMs", "completed"])
    func shape(field: String) throws {
        var json: [String: Any] = [
            "sessionId": "s", "titleId": "t", "startedAt": "2025-11-21T04:40:00.000Z", "lastWatchedAt": "2025-11-21T04:40:00.000Z",
            "positionMs": 1, "watchedMs": 1, "completed": true, "missingEvents": 0, "revision": 1,
        ]
        _ = try JSONDecoder().decode(ServedSession.self, from: JSONSerialization.data(withJSONObject: json))
        json[field] = field == "startedAt" ? "2025-11-21T04:40:00Z" : nil
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(ServedSession.self, from: JSONSerialization.data(withJSONObject: json))
        }
    }
}
