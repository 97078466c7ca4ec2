import Models
import Oracle
import TestSupport
import Testing
import Wire

@Suite("Sessions come out of a chunk as they went in")
struct HistoryChunkTests {
    private static func uuid(_ number: UInt64) -> OpaqueID {
        let digits = String(number, radix: 16)
        return OpaqueID("018f3c5e-1111-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)
    }

    private func expectRoundTrip(_ sessions: [CompactedSession], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let sorted = sessions.sorted(by: CompactedSession.precedes)
        #expect(try WireHistoryChunk.decode(WireHistoryChunk.encode(sorted)) == sorted, sourceLocation: sourceLocation)
    }

    private func session(_ id: OpaqueID, _ events: [PlaybackEvent], revision: Int64 = 1) throws -> CompactedSession {
        CompactedSession(sessionId: id, revision: revision, state: try #require(SessionState.folding(events)))
    }

    @Test("none") func none() throws { try expectRoundTrip([]) }

    @Test("after random histories")
    func random() throws {
        for seed in try RandomSession.seeds(100) {
            var random = SeededGenerator(seed: seed)
            var sessions: [CompactedSession] = []
            for number in 0..<UInt64.random(in: 1...20, using: &random) {
                let events = RandomSession(using: &random).arrived.map { event in
                    event.with { $0.titleId = OpaqueID("title-\(number % 4)") }
                }
                let id = random.chance(70) ? Self.uuid(number) : OpaqueID("other-\(number)")
                sessions.append(try session(id, events, revision: Int64.random(in: 1...1 << 40, using: &random)))
            }
            let sorted = sessions.sorted(by: CompactedSession.precedes)
            let decoded = try WireHistoryChunk.decode(WireHistoryChunk.encode(sorted))
            #expect(decoded == sorted, "TEST_SEED=\(seed)")
        }
    }

    @Test("of those that are past a place, as many as are wanted")
    func selection() throws {
        for seed in try RandomSession.seeds(100) {
            var random = SeededGenerator(seed: seed)
            let sessions = try (0..<UInt64(20)).map { number in
                // Few times, so that ids decide.
                let at = 1_763_700_000_000 + Int64.random(in: 0..<5, using: &random)
                let events = [0, 1, 4].map { PlaybackEvent.playing(seq: $0, startedAt: at) }
                return try session(random.chance(50) ? Self.uuid(number) : OpaqueID("s-\(number)"), events)
            }.sorted(by: CompactedSession.precedes)
            let bytes = WireHistoryChunk.encode(sessions)
            let place = sessions.randomElement(using: &random)!
            let oldest = 1_763_700_000_000 + Int64.random(in: 0..<5, using: &random)
            let limit = Int.random(in: 0...20, using: &random)
            let expected = sessions.filter { $0.summary.startedAt >= oldest && CompactedSession.precedes(place, $0) }.prefix(limit)
            let selection = ChunkSelection(
                past: .init(startedAt: place.summary.startedAt, sessionId: place.sessionId), oldest: oldest, limit: limit)
            #expect(try WireHistoryChunk.decode(bytes, selection) == Array(expected), "TEST_SEED=\(seed)")
        }
    }

    @Test("with ids that only look like UUIDs")
    func ids() throws {
        let ids: [OpaqueID] = [
            "018f3c5e-1111-7000-8000-0123456789ab", "018F3C5E-1111-7000-8000-0123456789ab", "018f3c5e11117000800000123456789abcde",
            "018f3c5e-1111-7000-8000-0123456789a", "018f3c5e-1111-7000-8000-0123456789ag", "018f3c5e+1111-7000-8000-0123456789ab", "x",
            "é📺",
        ]
        try expectRoundTrip(ids.map { try session($0, [.playing(seq: 0)]) })
    }

    @Test("with every number at its limit")
    func limits() throws {
        let far: Int64 = 1 << 53
        let events = [
            PlaybackEvent.playing(seq: 1).with {
                $0.seq = far
                $0.positionMs = far
                $0.runtimeMs = far
                $0.kind = .complete
                $0.occurredAt = 253_402_300_799_999
                $0.skewMs = -253_402_300_799_999
            },
            PlaybackEvent.playing(seq: 0).with {
                $0.kind = .seek
                $0.fromPositionMs = far
                $0.occurredAt = 946_684_800_000
            },
        ]
        try expectRoundTrip([
            try session("a", events, revision: .max), try session("b", [events[0]], revision: 1), try session("c", [events[1]]),
        ])
    }

    @Test("and the largest there is takes less than a chunk may")
    func largest() throws {
        let text = OpaqueID(String(repeating: "x", count: 256))
        let events = (0..<1200 as Range<Int64>).map { number in
            PlaybackEvent.playing(seq: 0).with {
                // No two are neighbours, so that each is a run.
                $0.seq = number * ((1 << 53) / 1200)
                $0.positionMs = number.isMultiple(of: 2) ? 0 : 1 << 53
                $0.fromPositionMs = 1 << 53
                $0.kind = .seek
                $0.occurredAt = number.isMultiple(of: 2) ? 946_684_800_000 : 253_402_300_799_999
                $0.titleId = text
                $0.deviceId = text.text
                $0.deviceType = text.text
            }
        }
        let one = try session(text, events)
        #expect(one.state.runs.count == 512)
        try expectRoundTrip([one])
        #expect(WireHistoryChunk.encode([one]).count < 64 << 10)
    }
}

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("Chunks, damaged at random")
struct HistoryChunkFuzzTests {
    private static let mutator: ProtoMutator = {
        var random = SeededGenerator(seed: 7)
        // Small, as there are many inputs.
        let chunks = [1, 2, 3].map { count in
            WireHistoryChunk.encode(
                (0..<count).compactMap { number in
                    SessionState.folding(Array(RandomSession(using: &random).events.prefix(12))).map {
                        CompactedSession(sessionId: OpaqueID("s-\(number)"), revision: Int64(number), state: $0)
                    }
                })
        }
        return ProtoMutator(corpus: chunks + [[]])
    }()

    @Test("what is taken for a chunk can be read and stored anew")
    func chunks() async throws {
        let report = try await Fuzz.run("history chunks") { random in
            let bytes = Self.mutator.input(using: &random)
            guard let sessions = try? WireHistoryChunk.decode(bytes) else { return ProtoField.fields(in: bytes) != nil }
            try Fuzz.require(
                (try? WireHistoryChunk.decode(WireHistoryChunk.encode(sessions))) == sessions, "stored anew it is another: \(bytes)")
            for session in sessions { _ = (session.state.endedAt, session.state.sequenceRuns) }
            return true
        }
        #expect(report.complaints == [])
    }
}
