import Models
import Oracle
import TestSupport
import Testing
import Wire

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("Batches of events, damaged at random")
struct EventBatchFuzzTests {
    private static let mutator = ProtoMutator(corpus: [
        WireEvents.encode([event()]), WireEvents.encode((0..<3).map { event(seq: $0) }), WireEvents.encode([event(), full, event(seq: 9)]),
        WireEvents.encode(EventKind.allCases.map { event(kind: $0) }),
        // A field of a later version in an event and one beside it; no event; an event that says nothing; a group.
        WireEvents.encode([event()]) + [0xa2, 0x06, 0x01, 0x78], [], [0x0a, 0x00], [0x0b, 0x0c],
    ])

    @Test("an event is taken or refused by itself, and keeps the contract if it is taken")
    func batches() async throws {
        let report = try await Fuzz.run("record batches") { random in
            let payload = Self.mutator.input(using: &random)
            // Field 1 of the batch.
            let framed = ProtoField.fields(in: payload)?.compactMap { field in
                if field.number == 1, case .bytes(let bytes) = field.value { bytes } else { nil }
            }
            var events: [PlaybackEvent] = []
            let refused: [WireEvents.Refused]
            do {
                refused = try WireEvents.decode(payload, into: &events)
            } catch {
                let isNone = framed.map { $0.isEmpty || $0.contains { Self.isUndecodable($0) } } ?? true
                try Fuzz.require(events.isEmpty && isNone, "nothing of it is taken, though each event decodes: \(error) \(payload)")
                return false
            }
            try Self.check(events, refused, of: payload)
            if let framed { try Self.compare(events, refused, eachOf: framed, of: payload) }
            return true
        }
        #expect(report.complaints == [])
    }

    private static func check(_ events: [PlaybackEvent], _ refused: [WireEvents.Refused], of payload: [UInt8]) throws {
        for event in events {
            if let breach = event.breach { throw Fuzz.Fault("taken with \(breach): \(payload)") }
        }
        if !events.isEmpty {
            try Fuzz.require((try? WireEvents.decode(WireEvents.encode(events))) == events, "encoded anew it is another: \(payload)")
        }
        try Fuzz.require(((try? WireEvents.decode(payload)) == nil) == !refused.isEmpty, "both decoders must agree: \(payload)")
        for one in refused {
            var none: [PlaybackEvent] = []
            let again = try WireEvents.decode(one.payload, into: &none)
            try Fuzz.require(none.isEmpty && again.map(\.payload) == [one.payload], "what is refused is no dead letter: \(payload)")
            try Fuzz.require(Self.rule(again[0].reason) == Self.rule(one.reason), "refused for another reason: \(payload)")
        }
    }

    /// The batch must come to what its events come to one by one.
    private static func compare(
        _ events: [PlaybackEvent], _ refused: [WireEvents.Refused], eachOf framed: [[UInt8]], of payload: [UInt8]
    ) throws {
        var single: [PlaybackEvent] = []
        let refusedAlone = try framed.flatMap { try WireEvents.decode(batch(of: $0), into: &single) }
        try Fuzz.require(events == single, "\(events) one by one are \(single): \(payload)")
        try Fuzz.require(refused.map(\.payload) == refusedAlone.map(\.payload), "refused otherwise than one by one: \(payload)")
    }

    private static func isUndecodable(_ event: [UInt8]) -> Bool {
        var events: [PlaybackEvent] = []
        return (try? WireEvents.decode(batch(of: event), into: &events)) == nil
    }

    private static func batch(of event: [UInt8]) -> [UInt8] {
        ProtoField.message([ProtoField(number: 1, value: .bytes(event))])
    }

    /// Without the place of the event.
    private static func rule(_ reason: String) -> Substring {
        reason.drop { !$0.isNumber }.drop(while: \.isNumber)
    }

    private static func event(seq: Int64 = 1, kind: EventKind = .progress) -> PlaybackEvent {
        .playing(seq: seq).with { $0.kind = kind }
    }

    private static let full = event(kind: .seek).with {
        $0.fromPositionMs = 17
        $0.skewMs = -90_000
        $0.titleId = "Café 📺"
    }
}
