import Models
import Oracle
import SwiftProtobuf
import TestSupport
import Testing

@testable import Wire

@Suite("What is written field by field is what protobuf's own serialiser makes of it")
struct CanonicalBytesTests {
    /// Empty, short, and as long as makes lengths of one, two and three bytes.
    private static let texts = [
        "", "t", String(repeating: "x", count: 127), String(repeating: "é", count: 64), String(repeating: "x", count: 20_000),
    ]
    private static let integers: [Int64] = [0, 1, 127, 128, 16_383, 16_384, 1_795_205_703_123, .max, -1, .min]

    private func expectCanonical<M: Message>(_ bytes: [UInt8], _: M.Type) throws {
        let message = try M(serializedBytes: bytes)
        #expect(message.unknownFields.data.isEmpty)
        #expect(try message.serializedBytes() as [UInt8] == bytes)
    }

    @Test("of events", arguments: texts)
    func events(text: String) throws {
        let events = zip(Self.integers, EventKind.allCases + EventKind.allCases).map { value, kind in
            PlaybackEvent(
                memberId: OpaqueID(text), sessionId: OpaqueID(text), seq: value, kind: kind, titleId: OpaqueID(text), positionMs: value,
                fromPositionMs: value, runtimeMs: value, occurredAt: value, deviceId: text, deviceType: text, receivedAt: value,
                skewMs: value)
        }
        try expectCanonical(WireEvents.encode(events), ProtoPlaybackEventBatch.self)
        for event in events {
            let message = try #require(try ProtoPlaybackEventBatch(serializedBytes: WireEvents.encode([event])).events.first)
            #expect(PlaybackEvent(message) == event)
        }
    }

    @Test("of states of sessions", arguments: 0..<200 as Range<UInt64>)
    func states(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let state = try #require(SessionState.folding(RandomSession(using: &random).arrived))
        try expectCanonical(WireSessionState.encode(state), ProtoSessionState.self)
        // The JSON of it goes by another way, and says the same.
        #expect(
            try WireSessionState.decodeJSON(WireSessionState.encodeJSON(state)) == WireSessionState.decode(WireSessionState.encode(state)))
    }

    @Test("of changes", arguments: texts)
    func changes(text: String) throws {
        let changes = Self.integers.flatMap { value in
            [nil, value].flatMap { (optional: Int64?) in
                Self.contents(text: text, value, optional).map { HistoryChange(memberId: OpaqueID(text), revision: value, content: $0) }
            }
        }
        try expectCanonical(WireChanges.encode(changes), ProtoHistoryChangeBatch.self)
        #expect(try WireChanges.decode(WireChanges.encode(changes)) == changes)
        #expect(WireChanges.encode([]) == [])
    }

    private static func contents(text: String, _ value: Int64, _ optional: Int64?) -> [HistoryChange.Content] {
        let summary = SessionSummary(
            titleId: OpaqueID(text), startedAt: value, lastWatchedAt: value, positionMs: value, runtimeMs: optional, watchedMs: value,
            completed: optional == nil, deviceId: optional.map { _ in text }, deviceType: optional.map { _ in text }, missingEvents: value,
            approximate: optional != nil)
        return [
            .session(OpaqueID(text), summary), .hidden(title: optional.map { _ in OpaqueID(text) }, until: value),
            .rowHidden(title: OpaqueID(text), until: value), .erased,
        ]
    }
}
