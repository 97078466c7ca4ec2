import Foundation
import HTTPTypes
import Models
import ServiceKit
import Testing

@testable import Edge

@Suite struct EventRequestTests {
    private static let event =
        #"{"memberId":"m","sessionId":"s","seq":1,"kind":"progress","titleId":"t","positionMs":5,"occurredAt":1763700000000}"#

    @Test func anEventAnArrayAnEnvelopeAndLinesAreRead() throws {
        #expect(try read(Self.event).map(\.seq) == [1])
        #expect(try read("[\(Self.event),\(Self.event)]").count == 2)
        #expect(try read("[]").isEmpty)
        let envelope = try EventRequest(
            body: Data(#"{"sentAt":"2025-11-21T04:40:00Z","events":[\#(Self.event)]}"#.utf8), contentType: "application/json")
        #expect(envelope.sentAt == 1_763_700_000_000)
        #expect(envelope.drafts.count == 1)
        #expect(try read("\(Self.event)\r\n\n  \n\(Self.event)", as: "application/x-ndjson").count == 2)
    }

    @Test func everyFieldIsRead() throws {
        let text = """
            {"memberId":"mé","sessionId":"s","seq":9007199254740992,"kind":"seek","titleId":"t","positionMs":7,"fromPositionMs":3,
             "runtimeMs":100,"occurredAt":"2026-11-20T20:15:03.123+01:00","deviceId":"d","deviceType":"tv","unknown":{"deep":[1,2]}}
            """
        let event = try #require(try read(text).first)
        #expect(
            event
                == PlaybackEvent(
                    memberId: "mé", sessionId: "s", seq: 1 << 53, kind: .seek, titleId: "t", positionMs: 7, fromPositionMs: 3,
                    runtimeMs: 100,
                    occurredAt: RFC3339.parse("2026-11-20T19:15:03.123Z")!, deviceId: "d", deviceType: "tv"))
    }

    @Test func nullIsAbsent() throws {
        let event = try #require(try read(replacing(#""positionMs":5"#, with: #""positionMs":5,"deviceId":null,"runtimeMs":null"#)).first)
        #expect(event.deviceId == nil && event.runtimeMs == nil)
    }

    @Test func anOriginIsForASeekOnly() throws {
        let event = try #require(try read(replacing(#""positionMs":5"#, with: #""positionMs":5,"fromPositionMs":4"#)).first)
        #expect(event.fromPositionMs == nil)
    }

    @Test(arguments: [
        (#""memberId":"m""#, #""memberId":7"#, "memberId", "string"),
        (#""memberId":"m","#, "", "memberId", "required"),
        (#""seq":1"#, #""seq":"1""#, "seq", "2^53"),
        (#""seq":1"#, #""seq":1.5"#, "seq", "2^53"),
        (#""seq":1"#, #""seq":99999999999999999999"#, "seq", "2^53"),
        (#""seq":1"#, #""seq":null"#, "seq", "required"),
        (#""kind":"progress""#, #""kind":"explode""#, "kind", "complete"),
        (#""occurredAt":1763700000000"#, #""occurredAt":"yesterday""#, "occurredAt", "RFC 3339"),
        (#""occurredAt":1763700000000"#, #""occurredAt":true"#, "occurredAt", "RFC 3339"),
        (#","occurredAt":1763700000000"#, "", "occurredAt", "required"),
        (#""positionMs":5"#, #""positionMs":5,"deviceId":[]"#, "deviceId", "string"),
    ])
    func aBadFieldIsNamedWithItsRule(old: String, new: String, field: String, rule: String) throws {
        let good = Self.event
        let request = try EventRequest(
            body: Data("[\(good),\(replacing(old, with: new)),\(good)]".utf8), contentType: "application/json")
        #expect(request.drafts.count == 3)
        let fault = #expect(throws: EventFault.self) { try request.drafts[1].event.get() }
        #expect(fault?.field == field)
        #expect(fault?.detail.contains(field) == true)
        #expect(fault?.detail.contains(rule) == true)
        #expect((try? request.drafts[0].event.get()) != nil && (try? request.drafts[2].event.get()) != nil)
    }

    @Test(arguments: ["[1]", #"["x"]"#, "[null]", "[[]]"])
    func whatIsNoObjectIsThatEventsFault(body: String) throws {
        let request = try EventRequest(body: Data(body.utf8), contentType: "application/json")
        let fault = #expect(throws: EventFault.self) { try request.drafts[0].event.get() }
        #expect(fault?.field == nil)
    }

    @Test func aBadLineIsThatLinesFault() throws {
        let request = try EventRequest(
            body: Data("\(Self.event)\n{\"seq\":\n\(Self.event)\n".utf8), contentType: "application/x-ndjson; charset=utf-8")
        #expect(request.drafts.map { (try? $0.event.get()) != nil } == [true, false, true])
    }

    @Test(arguments: [
        ("", "malformed-json"), ("{", "malformed-json"), ("not json", "malformed-json"), ("{\"a\":1}{", "malformed-json"),
        ("7", "malformed-body"), ("\"text\"", "malformed-body"), (#"{"events":7}"#, "malformed-body"),
        (#"{"sentAt":"soon","events":[]}"#, "malformed-body"),
    ])
    func aBodyThatIsNoneOfTheShapesIsABadRequest(body: String, type: String) throws {
        let problem = #expect(throws: Problem.self) { try EventRequest(body: Data(body.utf8), contentType: "application/json") }
        #expect(problem?.status == .badRequest)
        #expect(problem?.type == type)
    }

    @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded"])
    func anotherMediaTypeIsRefused(contentType: String?) throws {
        let problem = #expect(throws: Problem.self) { try EventRequest(body: Data(Self.event.utf8), contentType: contentType) }
        #expect(problem?.status == .unsupportedMediaType)
    }

    @Test func aThousandEventsAreTakenAndOneMoreIsNot() throws {
        func body(_ count: Int) -> Data { Data("[\(Array(repeating: Self.event, count: count).joined(separator: ","))]".utf8) }
        #expect(try EventRequest(body: body(1000), contentType: "application/json").drafts.count == 1000)
        let problem = #expect(throws: Problem.self) { try EventRequest(body: body(1001), contentType: "application/json") }
        #expect(problem?.status == .contentTooLarge)
        #expect(problem?.detail.contains("1000") == true)
    }

    @Test func aBodyOfVeryManyEventsIsRefusedWithoutReadingThemAll() throws {
        for (body, contentType) in [
            (String(repeating: "1\n", count: 500_000), "application/x-ndjson"),
            ("[" + String(repeating: "1,", count: 500_000) + "1]", "application/json"),
        ] {
            let problem = #expect(throws: Problem.self) { try EventRequest(body: Data(body.utf8), contentType: contentType) }
            #expect(problem?.status == .contentTooLarge)
        }
    }

    private func read(_ body: String, as contentType: String = "application/json") throws -> [PlaybackEvent] {
        try EventRequest(body: Data(body.utf8), contentType: contentType).drafts.map { try $0.event.get() }
    }

    private func replacing(_ old: String, with new: String) -> String {
        Self.event.replacing(old, with: new)
    }
}
