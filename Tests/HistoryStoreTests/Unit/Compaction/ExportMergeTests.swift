import Models
import Oracle
import TestSupport
import Testing

@testable import HistoryStore

@Suite("Rows and chunks are merged a portion at a time")
struct ExportMergeTests {
    private func session(_ number: Int, at time: Int64) throws -> CompactedSession {
        let state = try #require(SessionState.folding([.playing(session: OpaqueID("s-\(number)"), seq: 0, startedAt: time)]))
        return CompactedSession(sessionId: OpaqueID("s-\(number)"), revision: 1, state: state)
    }

    @Test("into the order of history, and nothing is read that is not needed yet")
    func againstSorting() throws {
        for seed in try RandomSession.seeds(100) {
            var random = SeededGenerator(seed: seed)
            // Few times, so that chunks meet in one.
            let all = try (0..<Int.random(in: 0...40, using: &random)).map {
                try session($0, at: 1_700_000_000_000 + Int64.random(in: 0..<12, using: &random))
            }.sorted(by: CompactedSession.precedes)
            var rows: [CompactedSession] = []
            var compacted: [CompactedSession] = []
            for session in all { if random.chance(50) { rows.append(session) } else { compacted.append(session) } }
            var chunks: [[CompactedSession]] = []
            while !compacted.isEmpty {
                let count = Int.random(in: 1...compacted.count, using: &random)
                chunks.append(Array(compacted.prefix(count)))
                compacted.removeFirst(count)
            }
            var merge = ExportMerge()
            var merged: [CompactedSession] = []
            while true {
                while let missing = merge.missing {
                    switch missing {
                    case .rows:
                        let count = min(rows.count, Int.random(in: 1...5, using: &random))
                        merge.add(rows: Array(rows.prefix(count)))
                        rows.removeFirst(count)
                    case .chunk:
                        merge.add(chunk: chunks.isEmpty ? nil : (chunks[0][0].summary.startedAt, chunks[0]))
                        if !chunks.isEmpty { chunks.removeFirst() }
                    }
                }
                guard let next = merge.takeFirst() else { break }
                merged.append(next)
            }
            #expect(merged == all, "TEST_SEED=\(seed)")
        }
    }
}
