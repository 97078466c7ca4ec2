import Models
import TestSupport

@testable import HistoryStore

/// Carries out the steps of many ``SteppedCase``s at once: one step of each at a time.
struct SteppedWriters {
    private let writes: [GuardedWrite]
    private let remover: PostgresConnection

    init(_ database: TestDatabase) {
        writes = [GuardedWrite(connection: database.connection("writer-A")), GuardedWrite(connection: database.connection("writer-B"))]
        remover = database.connection("remover")
    }

    /// - Returns: the cases as they ended, in the order of their keys.
    func run(_ dealt: [DealtSession], _ choices: (DealtSession) -> SteppedCase.Choices) async throws -> [SteppedCase] {
        // As rows are locked in this order.
        var cases = dealt.sorted { $0.key < $1.key }.map { SteppedCase($0, choices($0)) }
        while true {
            let steps = cases.indices.map { cases[$0].next() }
            if steps.allSatisfy({ $0 == nil }) { return cases }
            for number in writes.indices {
                try await load(number, steps, &cases)
                try await commit(number, steps, &cases)
            }
            try await remove(steps, cases)
        }
    }

    private func load(_ number: Int, _ steps: [SteppedCase.Step?], _ cases: inout [SteppedCase]) async throws {
        let reading = steps.indices.filter { if case .load(number) = steps[$0] { true } else { false } }
        for (index, known) in zip(reading, try await writes[number].load(reading.map { cases[$0].dealt.key })) {
            cases[index].loaded(known, by: number)
        }
    }

    private func commit(_ number: Int, _ steps: [SteppedCase.Step?], _ cases: inout [SteppedCase]) async throws {
        var writing: [(index: Int, write: SessionWrite)] = []
        for (index, step) in steps.enumerated() {
            if case .commit(number, let write) = step { writing.append((index, write)) }
        }
        guard !writing.isEmpty else { return }
        for (place, revision) in zip(writing, try await writes[number].commit(writing.map(\.write), deadLetters: [])) {
            cases[place.index].committed(place.write, revision, by: number)
        }
    }

    /// As a compaction does: alone in the buckets, the rows away, a chunk with their hashes, the epochs up. The chunk has none of the sessions,
    /// so that what is folded afterwards begins anew.
    private func remove(_ steps: [SteppedCase.Step?], _ cases: [SteppedCase]) async throws {
        var removed: [SessionKey] = []
        for (index, step) in steps.enumerated() {
            if case .remove = step { removed.append(cases[index].dealt.key) }
        }
        guard !removed.isEmpty else { return }
        let members = PostgresValue.texts(removed.map(\.memberId.text))
        _ = try await remover.run([
            .begin, Self.lock(.int4(LockBuckets.space), .int4s(LockBuckets.of(removed.map(\.memberId)))), Self.delete(members),
            Self.insertChunks(members, .int4s(removed.map { StoredChunk.hash(of: $0.sessionId) })),
            Self.raiseEpoch(members), .commit,
        ])
    }

    private static let lock = PostgresStatement(
        name: "lock", sql: "SELECT pg_advisory_xact_lock($1, bucket) FROM unnest($2::int4[]) AS bucket")
    private static let delete = PostgresStatement(name: "delete", sql: "DELETE FROM playback_session WHERE member_id = ANY($1::text[])")
    private static let insertChunks = PostgresStatement(
        name: "insert_chunks",
        sql: """
            INSERT INTO history_chunk (member_id, oldest, newest, last_watched_at, ended_at, sessions, session_hashes, data)
            SELECT u.member_id, now(), now(), now(), now(), 0, ARRAY[u.hash], ''
            FROM unnest($1::text[], $2::int4[]) AS u(member_id, hash)
            """)
    private static let raiseEpoch = PostgresStatement(
        name: "raise_epoch",
        sql: """
            INSERT INTO member_state AS m (member_id, epoch, compacted_through)
            SELECT u.member_id, 1, now() FROM unnest($1::text[]) AS u(member_id)
            ON CONFLICT (member_id) DO UPDATE SET epoch = m.epoch + 1, compacted_through = now()
            """)
}
