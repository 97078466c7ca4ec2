import HTTPTypes
import Models
import ServiceKit
import Testing
import Tokens

@testable import Edge

/// What JSON leaves open, or readers disagree about.
@Suite struct JSONRulesTests {
    private static let event =
        #"{"memberId":"m","sessionId":"s","seq":1,"kind":"progress","titleId":"t","positionMs":5,"occurredAt":1763700000000}"#

    @Test(
        arguments: [
            ("1.0", 1), ("1e3", 1000), ("1E+2", 100), ("-0", 0), ("-0.0", 0), ("250e-1", 25), ("9007199254740991.0", (1 << 53) - 1),
            ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)])
    func aNumberThatIsAnIntegerMayBeWrittenInAnyWay(number: String, value: Int64) throws {
        #expect(try event(#""seq":1"#, #""seq":\#(number)"#).get().seq == value)
    }

    @Test(arguments: [
        "1.5", "1e-1", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e19", "1e400", "-1e400",
        "9007199254740993.0",
    ])
    func aNumberBeyondIsThatFieldsFault(number: String) throws {
        #expect(throws: EventFault(field: "seq", "seq must be an integer from 0 to 2^53")) {
            try event(#""seq":1"#, #""seq":\#(number)"#).get()
        }
    }

    @Test(arguments: ["340282366920938463463374607431768211456", "-1e400", "[[1e400],{\"seq\":18446744073709551616}]", #""\ud83d""#])
    func whatNobodyReadsMayBeBeyondAllBounds(value: String) throws {
        #expect(try event(#""seq":1"#, #""seq":1,"trace":\#(value)"#).get().seq == 1)
    }

    @Test(arguments: ["01", "1.", ".5", "+1", "1e", "0x1", "--1", "1e400x", "NaN", "00000000000000000000000"])
    func whatIsNoNumberMakesTheBodyNoJSON(number: String) {
        expectMalformed(Self.event.replacing(#""seq":1"#, with: #""seq":\#(number)"#))
    }

    @Test(arguments: [
        ("memberId", #""memberId":"m","memberId":"n""#, #""memberId":"m""#), ("seq", #""seq":null,"seq":1"#, #""seq":1"#),
        ("seq", #""seq":1,"s\u0065q":1"#, #""seq":1"#), ("kind", #""kind":"start","kind":7"#, #""kind":"progress""#),
        ("occurredAt", #""occurredAt":1,"occurredAt":1"#, #""occurredAt":1763700000000"#),
        ("deviceId", #""seq":1,"deviceId":null,"deviceId":null"#, #""seq":1"#),
    ])
    func aFieldThatStandsTwiceIsThatEventsFault(field: String, twice: String, once: String) throws {
        let fault = #expect(throws: EventFault.self) { try event(once, twice).get() }
        #expect(fault == EventFault(field: field, "\(field) must not stand more than once"))
    }

    @Test func anUnknownFieldMayStandTwice() throws {
        #expect(try event(#""seq":1"#, #""seq":1,"x":1,"x":2,"fromPositionMs":1,"fromPositionMs":2"#).get().seq == 1)
    }

    @Test func onlyAnEnvelopeHasASendingTime() throws {
        for sentAt in ["1763700000000", #""soon""#] {
            let request = try request(Self.event.replacing(#""seq":1"#, with: #""seq":1,"sentAt":\#(sentAt)"#))
            #expect(request.sentAt == nil && request.drafts.count == 1)
        }
        #expect(try request(#"{"sentAt":null,"events":[]}"#).sentAt == nil)
    }

    @Test(arguments: [#"{"events":[],"events":[]}"#, #"{"sentAt":1,"events":[],"sentAt":1}"#])
    func aMemberOfTheEnvelopeMustNotStandTwice(body: String) {
        let problem = #expect(throws: Problem.self) { try request(body) }
        #expect(problem?.type == "malformed-body")
        #expect(problem?.detail.contains("more than once") == true)
    }

    @Test(arguments: [#"\ud83d"#, #"\ude00"#, #"a\ude00\ud83d"#, #"\ud83d\ud83d\ude00"#, #"\uD83Dx"#])
    func halfOfASurrogatePairIsThatFieldsFault(text: String) throws {
        let bad = Self.event.replacing(#""m""#, with: #""\#(text)""#)
        for (body, type) in [
            ("[\(Self.event),\(bad),\(Self.event)]", "application/json"), ("\(Self.event)\n\(bad)\n\(Self.event)", "application/jsonl"),
        ] {
            let drafts = try request(body, as: type).drafts
            #expect(drafts.map { (try? $0.event.get()) != nil } == [true, false, true])
            #expect(throws: EventFault(field: "memberId", "memberId must be a string of valid Unicode")) { try drafts[1].event.get() }
        }
    }

    @Test func escapesAreRead() throws {
        #expect(try event(#""m""#, #""\ud83d\ude00\u00e9\/\"\\""#).get().memberId == "😀é/\"\\")
        #expect(try event(#""memberId""#, #""m\u0065mberId""#).get().memberId == "m")
    }

    @Test func aNULIsThatFieldsFault() throws {
        let checked = EventIntake.check(
            try request(#"[\#(Self.event.replacing(#""m""#, with: #""a\u0000b""#)),\#(Self.event)]"#), grant: .everything,
            receivedAt: 1_763_700_000_000)
        #expect(checked.events.count == 1)
        #expect(checked.rejected.map(\.field) == ["memberId"])
        #expect(checked.rejected.first?.detail.contains("control characters") == true)
    }

    @Test func whatIsNotUTF8IsNoJSON() throws {
        let bad = Array(Self.event.utf8).split(separator: UInt8(ascii: "m"), maxSplits: 1).joined(separator: [0xff])
        let problem = #expect(throws: Problem.self) { try EventRequest(body: Array(bad), contentType: "application/json") }
        #expect(problem?.status == .badRequest && problem?.type == "malformed-json")
        #expect(problem?.detail == "The body is not valid JSON: it is not UTF-8.")
        let lines = Array(Self.event.utf8) + [0x0a] + Array(bad) + [0x0a] + Array(Self.event.utf8)
        let drafts = try EventRequest(body: lines, contentType: "application/x-ndjson").drafts
        #expect(drafts.map { (try? $0.event.get()) != nil } == [true, false, true])
        #expect(throws: EventFault("the line is not valid JSON: it is not UTF-8")) { try drafts[1].event.get() }
    }

    @Test(arguments: ["application/json", "application/x-ndjson"])
    func aByteOrderMarkIsSkipped(contentType: String) throws {
        #expect(try request("\u{feff}\(Self.event)", as: contentType).drafts.map { try $0.event.get().seq } == [1])
        #expect(try request("\u{feff}\n", as: "application/x-ndjson").drafts.isEmpty)
    }

    @Test func unknownFieldsMayNestToABound() throws {
        // The event's object is a level too.
        func nested(_ levels: Int) -> String {
            let value = String(repeating: "[", count: levels - 1) + "1" + String(repeating: "]", count: levels - 1)
            return Self.event.replacing(#""seq":1"#, with: #""seq":1,"deep":\#(value)"#)
        }
        #expect(try request(nested(1023)).drafts.count == 1)
        for body in [nested(1024), String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000)] {
            expectMalformed(body, because: "nesting is too deep")
        }
        let drafts = try request("\(Self.event)\n\(nested(1024))\n\(Self.event)", as: "application/jsonl").drafts
        #expect(drafts.map { (try? $0.event.get()) != nil } == [true, false, true])
    }

    @Test(arguments: [
        ("", "empty"), (" \n", "empty"), (#"{"a":"b"#, "no end"), ("{\"a\":\"\u{1}\"}", "not escaped"), (#"{"a":"\q"}"#, "escape"),
        (#"{"a":"\u12"}"#, "escape"), ("[1,]", "not valid JSON."), (#"{"a":1,}"#, "not valid JSON."), ("[1]\u{0}", "not valid JSON."),
        ("[1] [2]", "not valid JSON."), ("[nul]", "not valid JSON."), ("{1:2}", "not valid JSON."),
    ])
    func theDetailSaysWhatIsWrong(body: String, reason: String) {
        expectMalformed(body, because: reason)
    }

    private func expectMalformed(_ body: String, because reason: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
        let problem = #expect(throws: Problem.self, sourceLocation: sourceLocation) { try request(body) }
        #expect(problem?.status == .badRequest && problem?.type == "malformed-json", sourceLocation: sourceLocation)
        #expect(problem?.detail.contains(reason) == true || reason.isEmpty, "\(problem?.detail ?? "")", sourceLocation: sourceLocation)
    }

    private func event(_ old: String, _ new: String) throws -> Result<PlaybackEvent, EventFault> {
        try request("[\(Self.event.replacing(old, with: new))]").drafts[0].event
    }

    private func request(_ body: String, as contentType: String = "application/json") throws(Problem) -> EventRequest {
        try EventRequest(body: body.utf8, contentType: contentType)
    }
}
