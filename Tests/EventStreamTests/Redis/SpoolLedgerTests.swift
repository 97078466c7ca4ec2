import TestSupport
import Testing

@testable import EventStream

@Suite(.serialized) struct SpoolLedgerTests {
    @Test func whatIsHeldIsPublishedAndWhatIsGoneForgotten() async throws {
        let redis = try await TestRedis()
        let ledger = SpoolLedger(connection: redis.connection())
        #expect(try await ledger.folders().isEmpty)
        let began = try await ledger.now()
        try await ledger.publish({ ["a": 5, "b": 0] }, removing: [])
        let first = try await ledger.folders()
        #expect(first.map(\.name) == ["a", "b"] && first.map(\.events) == [5, 0])
        #expect(first.allSatisfy { $0.publishedAtMs >= began })
        try await ledger.publish({ ["a": 0, "c": 7] }, removing: ["b", "never"])
        let second = try await ledger.folders()
        #expect(second.map(\.name) == ["a", "c"] && second.map(\.events) == [0, 7])
        #expect(try await redis.connection().send(RedisCommand("HLEN", "playhead:spools")).integer() == 1)
        try await ledger.publish({ [:] }, removing: ["a", "c"])
        #expect(try await ledger.folders().isEmpty)
    }

    /// A folder that was let go of and taken again is held.
    @Test func whatIsHeldIsNotGone() async throws {
        let redis = try await TestRedis()
        let ledger = SpoolLedger(connection: redis.connection())
        try await ledger.publish({ ["a": 5] }, removing: ["a"])
        #expect(try await ledger.folders().map(\.events) == [5])
    }
}
