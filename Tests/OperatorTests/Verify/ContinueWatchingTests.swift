import Models
import Testing

@testable import Operator

@Suite("What to continue watching, by the contract's words")
struct ContinueWatchingTests {
    private static func session(
        _ id: OpaqueID, title: String = "t", started: Int64 = 0, watched: Int64 = 0, credit: Int64 = 1, completed: Bool = false
    ) -> (id: OpaqueID, view: SessionView) {
        let base: Int64 = 1_763_700_000_000
        let view = SessionView(
            titleId: title, startedAt: base + started, lastWatchedAt: base + watched, positionMs: 250, runtimeMs: 1000, watchedMs: credit,
            completed: completed, deviceId: nil, deviceType: nil, missingEvents: 0, approximate: false, sequenceRuns: [[0, 1]])
        return (id, view)
    }

    private static func ids(_ sessions: (id: OpaqueID, view: SessionView)...) -> [String] {
        let forward = ContinueWatching.rows(of: sessions).map(\.sessionId)
        #expect(ContinueWatching.rows(of: sessions.reversed()).map(\.sessionId) == forward)
        return forward
    }

    @Test("is one session of each title, newest first")
    func order() {
        #expect(
            Self.ids(
                Self.session("a", title: "1", watched: 5), Self.session("b", title: "2", watched: 9),
                Self.session("c", title: "1", watched: 7))
                == ["b", "c"])
    }

    @Test("is the session with the latest watching; of several the later start, then the greater id")
    func choice() {
        #expect(Self.ids(Self.session("a", started: 1, watched: 5), Self.session("b", started: 2, watched: 4)) == ["a"])
        #expect(Self.ids(Self.session("z", started: 1, watched: 5), Self.session("b", started: 2, watched: 5)) == ["b"])
        #expect(Self.ids(Self.session("a", watched: 5), Self.session("b", watched: 5)) == ["b"])
    }

    @Test("is not a start that failed, unless there is nothing else")
    func credit() {
        #expect(Self.ids(Self.session("a", watched: 5), Self.session("b", watched: 9, credit: 0)) == ["a"])
        #expect(Self.ids(Self.session("a", watched: 5, credit: 0), Self.session("b", watched: 9, credit: 0)) == ["b"])
    }

    @Test("leaves out a title whose session is completed")
    func completed() {
        #expect(Self.ids(Self.session("a", watched: 5), Self.session("b", watched: 9, completed: true)).isEmpty)
        #expect(Self.ids(Self.session("a", watched: 5, completed: true), Self.session("b", watched: 9)) == ["b"])
    }

    @Test("tells the progress")
    func row() {
        let row = ContinueWatching.rows(of: [Self.session("a", watched: 5)])[0]
        #expect(
            row
                == ServedBookmark(
                    titleId: "t", positionMs: 250, runtimeMs: 1000, progress: 0.25, lastWatchedAt: "2025-11-21T04:40:00.005Z",
                    sessionId: "a"))
    }

    @Test("is compared row by row, up to the limit")
    func comparison() {
        let sessions = (0..<5).map { Self.session(OpaqueID("s\($0)"), title: "t\($0)", watched: Int64($0)) }
        let known = sessions.map { KnownSession(memberId: "m", sessionId: $0.id, expected: $0.view, acceptedEvents: 2) }
        let rows = ContinueWatching.rows(of: sessions)
        func differences(_ served: [ServedBookmark], limit: Int = 1000, _ known: [KnownSession]) -> [Difference] {
            MemberComparison(memberId: "m", sessions: known).compare(continueWatching: served, limit: limit)
        }
        #expect(differences(rows, known).isEmpty)
        #expect(differences(Array(rows.prefix(3)), limit: 3, known).isEmpty)
        for served in [Array(rows.prefix(4)), rows + [rows[0]], [rows[1], rows[0]] + rows[2...], []] {
            #expect(differences(served, known).map(\.kind) == [.continueWatching])
        }
        var unknown = known
        unknown[0].expected = nil
        #expect(differences([], unknown).isEmpty)
    }
}
