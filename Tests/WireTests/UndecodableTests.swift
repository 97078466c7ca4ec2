import Models
import Testing
import Wire

@Suite("What is no batch of events")
struct UndecodableTests {
    private static let valid = WireEvents.encode([.sample(seq: 1), .sample(seq: 2)])

    @Test(
        "bytes that are no message, or one of something else",
        arguments: [
            [0xff], [0x0a], [0x0a, 0x05, 0x01], [0x08, 0x01], Array("{\"memberId\":\"m-42\"}".utf8), Array(repeating: 0xff, count: 1000),
            [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], [0x00], valid + [0x0a],
        ] as [[UInt8]])
    func garbage(bytes: [UInt8]) {
        #expect(throws: UndecodableError.self) { try WireEvents.decode(bytes) }
    }

    @Test("no byte at all: an entry without events has no reason to be")
    func empty() throws {
        let error = try #require(throws: UndecodableError.self) { try WireEvents.decode([]) }
        #expect(error.description == "the batch has no events")
    }

    @Test("a batch that was cut off, wherever")
    func truncated() {
        // The first event ends here, and a batch of one event is whole.
        let border = WireEvents.encode([.sample(seq: 1)]).count
        for length in 0..<Self.valid.count where length != border {
            #expect(throws: UndecodableError.self, "\(length) bytes") { try WireEvents.decode(Array(Self.valid.prefix(length))) }
        }
    }

    @Test("an id that is no UTF-8")
    func invalidText() {
        let text = WireEvents.encode([.sample().with { $0.titleId = "??" }])
        let bytes = text.map { $0 == UInt8(ascii: "?") ? 0xff : $0 }
        #expect(throws: UndecodableError.self) { try WireEvents.decode(bytes) }
    }

    @Test("a kind that no version before knew, or none", arguments: [0, 8, 127] as [UInt8])
    func unknownKind(number: UInt8) throws {
        // An event as long as 18 bytes, its kind at a known place; behind a good one.
        let small = PlaybackEvent(
            memberId: "m", sessionId: "s", seq: 0, kind: .start, titleId: "t", positionMs: 0, occurredAt: PlaybackEvent.sampleTime)
        var bytes = WireEvents.encode([small, small])
        let kindAt = try #require(bytes.lastIndex(of: 0x20)) + 1
        try #require(bytes[kindAt] == 1)
        bytes[kindAt] = number
        let error = try #require(throws: UndecodableError.self) { try WireEvents.decode(bytes) }
        #expect(error.description == "event 1 has an unknown kind")
    }

    @Test("an event that breaks a limit is named with the limit", arguments: Breach.allCases)
    func limits(breach: Breach) throws {
        let bytes = WireEvents.encode([.sample(), breach.event, .sample()])
        let error = try #require(throws: UndecodableError.self) { try WireEvents.decode(bytes) }
        #expect(error.description.hasPrefix("event 1: \(breach.rawValue)"), "\(error)")
    }

    /// The field that is broken.
    enum Breach: String, CaseIterable {
        case memberId, sessionId, titleId, deviceId, deviceType, seq, positionMs, fromPositionMs, runtimeMs, occurredAt, skewMs

        var event: PlaybackEvent {
            PlaybackEvent.sample().with {
                switch self {
                case .memberId: $0.memberId = ""
                case .sessionId: $0.sessionId = OpaqueID(String(repeating: "x", count: 257))
                case .titleId: $0.titleId = "a\nb"
                case .deviceId: $0.deviceId = ""
                case .deviceType: $0.deviceType = "\u{7f}"
                case .seq: $0.seq = -1
                case .positionMs: $0.positionMs = EventLimits.largestInteger + 1
                case .fromPositionMs: $0.fromPositionMs = .min
                case .runtimeMs: $0.runtimeMs = 0
                case .occurredAt: $0.occurredAt = EventLimits.earliestTime - 1
                case .skewMs: $0.skewMs = .min
                }
            }
        }
    }
}
