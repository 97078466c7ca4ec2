import Models
import Oracle
import TestSupport
import Testing
import Wire

@testable import HistoryStore

@Suite("Sessions are divided into chunks")
struct ChunkPiecesTests {
    private func sessions(_ count: Int, using random: inout SeededGenerator) -> [CompactedSession] {
        (0..<count).compactMap { number in
            SessionState.folding(RandomSession(using: &random).events.map { $0.with { $0.occurredAt += Int64(number) * 86_400_000 } }).map {
                CompactedSession(sessionId: OpaqueID("session-\(number)"), revision: Int64(number), state: $0)
            }
        }.sorted(by: CompactedSession.precedes)
    }

    @Test("all of them, in their order, none too large, and only the newest small", arguments: [0, 1, 30, 700])
    func divide(count: Int) throws {
        var random = SeededGenerator(seed: 3)
        let sessions = sessions(count, using: &random)
        let pieces = ChunkPieces.divide(sessions)
        #expect(pieces.flatMap(\.sessions) == sessions)
        for (place, piece) in pieces.enumerated() {
            #expect(try WireHistoryChunk.decode(piece.bytes) == piece.sessions)
            #expect(piece.bytes.count <= ChunkPieces.targetBytes)
            // It is not known exactly how many fit.
            if place > 0 { #expect(piece.bytes.count > ChunkPieces.targetBytes / 2) }
        }
        if count == 700 { #expect(pieces.count > 2) }
    }

    @Test("one that is larger than wanted has a chunk of its own")
    func large() throws {
        let events = (0..<1200 as Range<Int64>).map { number in
            PlaybackEvent.playing(seq: 0).with {
                $0.seq = number * ((1 << 53) / 1200)
                $0.occurredAt = number.isMultiple(of: 2) ? 946_684_800_000 : 253_402_300_799_999
                $0.positionMs = number.isMultiple(of: 2) ? 0 : 1 << 53
                $0.kind = .seek
                $0.fromPositionMs = 1 << 53
            }
        }
        let large = CompactedSession(sessionId: "large", revision: 1, state: try #require(SessionState.folding(events)))
        let small = CompactedSession(sessionId: "small", revision: 2, state: try #require(SessionState.folding([.playing(seq: 0)])))
        let sorted = [large, small].sorted(by: CompactedSession.precedes)
        let pieces = ChunkPieces.divide(sorted)
        #expect(pieces.map(\.sessions) == sorted.map { [$0] })
        #expect(pieces.contains { $0.bytes.count > ChunkPieces.targetBytes && $0.bytes.count <= ChunkPieces.maximalBytes })
    }
}
