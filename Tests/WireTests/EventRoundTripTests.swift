import Models
import Testing
import Wire

@Suite("Events come out of a batch as they went in")
struct EventRoundTripTests {
    private static let top = EventLimits.largestInteger
    /// 9999-12-31T23:59:59.999Z.
    private static let lastTime: Timestamp = 253_402_300_799_999

    private func expectRoundTrip(_ events: [PlaybackEvent]) throws {
        #expect(try WireEvents.decode(WireEvents.encode(events)) == events)
    }

    @Test("of every kind", arguments: EventKind.allCases)
    func kinds(kind: EventKind) throws {
        try expectRoundTrip([.sample(kind: kind)])
    }

    @Test("with and without each optional value, 0 and the empty state being values of their own")
    func optionals() throws {
        let changes: [@Sendable (inout PlaybackEvent) -> Void] = [
            { $0.fromPositionMs = 0 }, { $0.fromPositionMs = 5 }, { $0.runtimeMs = 1 }, { $0.deviceId = "tv-1" }, { $0.deviceType = "tv" },
            { $0.skewMs = 90_000 }, { $0.skewMs = -90_000 },
        ]
        let bare = PlaybackEvent.sample(kind: .seek)
        try expectRoundTrip([bare])
        try expectRoundTrip([changes.reduce(bare) { $0.with($1) }])
        try expectRoundTrip(changes.map { bare.with($0) })
    }

    @Test("at the ends of every range")
    func extremes() throws {
        let least = PlaybackEvent(
            memberId: "m", sessionId: "s", seq: 0, kind: .start, titleId: "t", positionMs: 0, fromPositionMs: 0, runtimeMs: 1,
            occurredAt: EventLimits.earliestTime, deviceId: "d", deviceType: "t", receivedAt: .min, skewMs: -EventLimits.earliestTime)
        let longest = String(repeating: "x", count: 256)
        let most = PlaybackEvent(
            memberId: OpaqueID(longest), sessionId: OpaqueID(longest), seq: Self.top, kind: .complete, titleId: OpaqueID(longest),
            positionMs: Self.top, fromPositionMs: Self.top, runtimeMs: Self.top, occurredAt: Self.lastTime - 90_000, deviceId: longest,
            deviceType: longest, receivedAt: .max, skewMs: 90_000)
        try expectRoundTrip([least, most])
    }

    @Test("with ids byte for byte", arguments: ["\u{e9}", "e\u{301}", "\u{1f600}", "日本語", "a b", "\"\\,:", "\u{feff}x"])
    func ids(text: String) throws {
        let event = PlaybackEvent.sample().with {
            $0.memberId = OpaqueID(text)
            $0.deviceId = text
        }
        let decoded = try #require(try WireEvents.decode(WireEvents.encode([event])).first)
        #expect(decoded == event)
        // `String`'s own == would take another form of the text for the same.
        #expect(try #require(decoded.deviceId).utf8.elementsEqual(text.utf8))
    }

    @Test("in their order, up to as many as one entry has")
    func many() throws {
        try expectRoundTrip((0..<512).reversed().map { .sample(seq: $0) })
    }

    @Test("of two batches one after the other: the batch of both")
    func concatenation() throws {
        let (first, second) = ([PlaybackEvent.sample(seq: 0, kind: .start), .sample(seq: 1)], [PlaybackEvent.sample(seq: 2, kind: .stop)])
        #expect(WireEvents.encode(first) + WireEvents.encode(second) == WireEvents.encode(first + second))
        #expect(try WireEvents.decode(WireEvents.encode(first) + WireEvents.encode(second)) == first + second)
        #expect(try WireEvents.decode(WireEvents.encode([]) + WireEvents.encode(second)) == second)
    }
}
