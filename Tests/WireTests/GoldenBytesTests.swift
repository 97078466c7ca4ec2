import Models
import Testing
import Wire

/// The bytes were worked out by hand from playhead.proto. Streams and rows are full of them: should one of these tests fail, it is the
/// code that is wrong, never the bytes.
@Suite("The bytes of every other version")
struct GoldenBytesTests {
    private static let event = PlaybackEvent(
        memberId: "m", sessionId: "s", seq: 17, kind: .seek, titleId: "t", positionMs: 1_234_567, fromPositionMs: 1000,
        runtimeMs: 5_400_000, occurredAt: 1_795_205_703_123, deviceId: "tv-1", deviceType: "tv", receivedAt: 1_795_205_790_000,
        skewMs: -90_000)
    private static let eventBytes = hex(
        """
        0a35 0a016d 120173 1811 2005 2a0174 3087ad4b 38e807 40c0cbc902 48d3cbe4d49f34 520474762d31 5a027476 60b0f2e9d49f34 689ffe0a
        """)

    @Test("of an event")
    func event() throws {
        #expect(WireEvents.encode([Self.event]) == Self.eventBytes)
        #expect(try WireEvents.decode(Self.eventBytes) == [Self.event])
    }

    @Test("of an event whose values are mostly 0 or absent")
    func smallEvent() throws {
        let event = PlaybackEvent(
            memberId: "m", sessionId: "s", seq: 0, kind: .start, titleId: "t", positionMs: 0, occurredAt: 1_795_205_703_123)
        let bytes = Self.hex("0a12 0a016d 120173 2001 2a0174 48d3cbe4d49f34")
        #expect(WireEvents.encode([event]) == bytes)
        #expect(try WireEvents.decode(bytes) == [event])
    }

    @Test(
        "of each kind", arguments: zip([EventKind.start, .progress, .pause, .resume, .seek, .stop, .complete], 1...7 as ClosedRange<UInt8>))
    func kinds(kind: EventKind, number: UInt8) throws {
        let bytes = Self.hex("0a12 0a016d 120173 20") + [number] + Self.hex("2a0174 48d3cbe4d49f34")
        #expect(try WireEvents.decode(bytes).map(\.kind) == [kind])
    }

    @Test("of an event with a field of a later version, which is passed over")
    func laterField() throws {
        // Field 100, the text "x", before the seq.
        let bytes = Self.hex("0a18 0a016d 120173 2001 2a0174 48d3cbe4d49f34 a2060178 1801")
        #expect(try WireEvents.decode(bytes).map(\.seq) == [1])
    }

    @Test("of a state with everything that a state can have")
    func state() throws {
        let time: Timestamp = 1_000_000_000_000
        let state = SessionState(
            runs: [
                SequenceRun(
                    first: .init(seq: 3, positionMs: 300, occurredAt: time + 1, kind: .seek), firstFromPositionMs: 200,
                    last: .init(seq: 7, positionMs: 700, occurredAt: time + 7, kind: .pause), creditMs: 400, lastCreditAt: time + 6),
                SequenceRun(
                    first: .init(seq: 9, positionMs: 900, occurredAt: time + 9, kind: .complete), firstFromPositionMs: nil,
                    last: .init(seq: 9, positionMs: 900, occurredAt: time + 9, kind: .complete), creditMs: 0, lastCreditAt: nil),
            ],
            eventCount: 6, earliestAt: time + 1, skewMs: 90_000, highestCompleteSeq: 9, highestPlayingSeq: 7,
            titleId: .init(value: "t", seq: 9), runtimeMs: .init(value: 1000, seq: 7), deviceId: .init(value: "d", seq: 5),
            deviceType: .init(value: "tv", seq: 4), approximate: true)
        let bytes = Self.hex(
            """
            0a2d 0a0e 0803 10ac02 1881a094a58d1d 2005 10c801 1a0e 0807 10bc05 1887a094a58d1d 2003 209003 2886a094a58d1d
            0a10 0a0e 0809 108407 1889a094a58d1d 2007 1006 1881a094a58d1d 20a0fe0a 2809 3007 3a05 0a0174 1009 4205 08e807 1007
            4a05 0a0164 1005 5206 0a027476 1004 5801
            """)
        #expect(WireSessionState.encode(state) == bytes)
        #expect(try WireSessionState.decode(bytes) == state)
    }

    @Test("of the state after one event")
    func smallState() throws {
        let state = SessionState(
            PlaybackEvent(memberId: "m", sessionId: "s", seq: 0, kind: .start, titleId: "t", positionMs: 0, occurredAt: 1_000_000_000_001))
        let bytes = Self.hex("0a0b 0a09 1881a094a58d1d 2001 1001 1881a094a58d1d 3000 3a03 0a0174")
        #expect(WireSessionState.encode(state) == bytes)
        #expect(try WireSessionState.decode(bytes) == state)
    }

    @Test("of changes of every kind")
    func changes() throws {
        let summary = SessionSummary(
            titleId: "t", startedAt: 1, lastWatchedAt: 300, positionMs: 2, runtimeMs: 0, watchedMs: 3, completed: true, deviceId: "d",
            deviceType: "tv", missingEvents: 4, approximate: true)
        let changes = [
            HistoryChange(memberId: "m", revision: 1, content: .session("s", summary)),
            HistoryChange(memberId: "m", revision: 2, content: .hidden(title: nil, until: 5)),
            HistoryChange(memberId: "m", revision: 3, content: .rowHidden(title: "t", until: 6)),
            HistoryChange(memberId: "m", revision: 4, content: .erased),
        ]
        let bytes = Self.hex(
            """
            0a25 0a016d 1001 1a1e 0a0173 120174 1801 20ac02 2802 3000 3803 4001 4a0164 52027476 5804 6001
            0a09 0a016d 1002 2202 1005 0a0c 0a016d 1003 2a05 0a0174 1006 0a07 0a016d 1004 3200
            """)
        #expect(WireChanges.encode(changes) == bytes)
        #expect(try WireChanges.decode(bytes) == changes)
    }

    private static func hex(_ text: String) -> [UInt8] {
        let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
