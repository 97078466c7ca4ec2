import Foundation
import Models
import TestSupport
import Testing

@Suite(.serialized) struct EventToHistoryTests {
    @Test func anEventGoesInAtTheEdgeAndComesOutOfTheQuery() async throws {
        let playhead = try await Playhead()
        let body = """
            [{"memberId":"m/1 é","sessionId":"s-1","seq":0,"kind":"start","titleId":"t%1","positionMs":0,"runtimeMs":100000,
              "occurredAt":"2026-11-20T20:15:03.123Z","deviceId":"tv-1","deviceType":"tv"},
             {"memberId":"m/1 é","sessionId":"s-1","seq":1,"kind":"pause","titleId":"t%1","positionMs":30000,"occurredAt":1795205733123}]
            """
        let answer = try await HTTP.post(playhead.edge + "/v1/events", Data(body.utf8))
        #expect(answer.status == 202)
        let receipt: Receipt = try answer.json()
        #expect(receipt.accepted == 2 && receipt.rejected.isEmpty && receipt.durability == "stream")
        try await playhead.settle()

        let member = playhead.query + "/v1/members/m%2F1%20%C3%A9"
        let page: HistoryPage = try await HTTP.get(member + "/history").json()
        #expect(page.items.count == 1 && page.nextCursor == nil)
        let session = try #require(page.items.first)
        #expect(session.startedAt == "2026-11-20T20:15:03.123Z")
        #expect(session.lastWatchedAt == "2026-11-20T20:15:33.123Z")
        #expect(session.watchedMs == 30_000 && session.positionMs == 30_000 && !session.completed && session.missingEvents == 0)

        let single: HistoryPage.Session = try await HTTP.get(member + "/sessions/s-1").json()
        #expect(single.sequenceRuns == [[0, 1]])
        let bookmark = try await HTTP.get(member + "/titles/t%251/bookmark")
        #expect(bookmark.text.contains("\"resumePositionMs\":30000"))
        let watching = try await HTTP.get(member + "/continue-watching")
        #expect(watching.text.contains("\"progress\":0.3"))
        #expect(try await HTTP.get(playhead.query + "/v1/members/m/history").json(HistoryPage.self).items.isEmpty)
    }

    @Test func aBatchWithBadEventsLosesOnlyThose() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let good = #"{"memberId":"m","sessionId":"s","seq":%,"kind":"progress","titleId":"t","positionMs":5,"occurredAt":1763700000000}"#
        func event(_ seq: Int) -> String { good.replacing("%", with: String(seq)) }
        let lines = [
            event(0), "{broken", event(1).replacing("\"m\"", with: #""m\u0000""#), event(1), event(-5),
            event(2).replacing("progress", with: "explode"), event(2),
            event(3).replacing("\"s\"", with: "\"\(String(repeating: "x", count: 300))\""),
            event(3).replacing(":5,", with: ":-5,"),
        ]
        let answer = try await HTTP.post(
            playhead.edge + "/v1/events", Data(lines.joined(separator: "\n").utf8), contentType: "application/x-ndjson")
        let receipt: Receipt = try answer.json()
        #expect(answer.status == 202)
        #expect(receipt.accepted == 3)
        #expect(receipt.rejected.map(\.index) == [1, 2, 4, 5, 7, 8])
        #expect(receipt.rejected.map(\.field) == [nil, "memberId", "seq", "kind", "sessionId", "positionMs"])
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m"]).values.map(\.missingEvents) == [0])
    }

    @Test func aBodyThatCannotBeTakenIsAProblemThatSaysWhy() async throws {
        let playhead = try await Playhead([.edge])
        let url = playhead.edge + "/v1/events"
        func problem(_ body: Data, _ contentType: String = "application/json") async throws -> (HTTP.Answer, ProblemBody) {
            let answer = try await HTTP.post(url, body, contentType: contentType)
            #expect(answer.header("content-type") == "application/problem+json")
            let problem: ProblemBody = try answer.json()
            #expect(problem.status == Int(answer.status))
            return (answer, problem)
        }
        let (broken, _) = try await problem(Data("{".utf8))
        #expect(broken.status == 400)
        let (large, tooLarge) = try await problem(Data(repeating: 0x20, count: 2 << 20))
        #expect(large.status == 413 && tooLarge.detail.contains("1 MiB"))
        let (form, _) = try await problem(Data("a=b".utf8), "application/x-www-form-urlencoded")
        #expect(form.status == 415)
        let packed = try await HTTP.post(url, Data("[]".utf8), headers: [("content-encoding", "gzip")])
        #expect(packed.status == 415 && packed.text.contains("Content-Encoding"))
        let (refused, noneGood) = try await problem(Data(#"{"memberId":"m","seq":-1}"#.utf8))
        #expect(refused.status == 422 && noneGood.detail.contains("kind"))
        let missing = try await HTTP.get(playhead.edge + "/v1/nothing")
        #expect(missing.status == 404 && missing.header("content-type") == "application/problem+json")
        let empty = try await HTTP.post(url, Data("[]".utf8), headers: [("x-request-id", "mine-1")])
        #expect(empty.status == 202 && empty.header("x-request-id") == "mine-1")
        #expect(broken.header("x-request-id")?.isEmpty == false)
        let foreign = try await HTTP.post(url, Data("[]".utf8), headers: [("host", "evil.example")])
        #expect(foreign.status == 421)
    }

    @Test func aBadParameterIsAProblemThatNamesIt() async throws {
        let playhead = try await Playhead([.query])
        for (path, name) in [
            ("history?limit=0", "limit"), ("history?limit=1001", "limit"), ("history?limit=x", "limit"),
            ("history?cursor=garbage", "cursor"),
            ("history?from=yesterday", "from"), ("history?to=1", "to"), ("history?titleId=", "titleId"),
            ("continue-watching?limit=-1", "limit"),
        ] {
            let answer = try await HTTP.get(playhead.query + "/v1/members/m/" + path)
            #expect(answer.status == 400, "\(path)")
            #expect(try answer.json(ProblemBody.self).detail.contains(name), "\(path)")
        }
        #expect(try await HTTP.get(playhead.query + "/v1/members/\(String(repeating: "x", count: 257))/history").status == 400)
        #expect(try await HTTP.get(playhead.query + "/v1/members/a%00b/history").status == 400)
        #expect(try await HTTP.get(playhead.query + "/v1/members/a%0Ab/history").status == 400)
        #expect(try await HTTP.get(playhead.query + "/v1/members/m/titles/none/bookmark").status == 404)
        #expect(try await HTTP.get(playhead.query + "/v1/members/m/sessions/none").status == 404)
    }

    @Test func theNextPageIsLinked() async throws {
        let playhead = try await Playhead()
        try await playhead.post(Viewing(members: 1, sessions: 5, events: 1).events)
        try await playhead.settle()
        var url: String? = playhead.query + "/v1/members/member-0/history?limit=2"
        var pages: [[String]] = []
        while let next = url {
            let answer = try await HTTP.get(next)
            pages.append(try answer.json(HistoryPage.self).items.map(\.sessionId))
            let link = answer.header("link")
            url = link.map { playhead.query + $0.drop { $0 == "<" }.prefix { $0 != ">" } }
        }
        #expect(pages.map(\.count) == [2, 2, 1])
        #expect(Set(pages.joined()).count == 5)
    }
}
