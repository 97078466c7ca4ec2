import BlockingClient
import TestSupport
import Testing

@testable import EventStream

@Suite(.serialized) struct ConnectionCheckTests {
    private func set(_ redis: TestRedis, _ name: RedisArgument, _ value: RedisArgument) async throws {
        _ = try await redis.connection().send(RedisCommand("CONFIG", "SET", name, value))
    }

    @Test func memoryIsCheckedAgainstTheLimitOfTheServer() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        try await ConnectionCheck.memory(below: 1).run(over: connection)
        try await set(redis, "maxmemory", "1gb")
        try await ConnectionCheck.memory(below: 85).run(over: connection)
        try await set(redis, "maxmemory", "100")
        let error = await #expect(throws: RedisError.self) { try await ConnectionCheck.memory(below: 85).run(over: connection) }
        #expect(error?.kind == .memory && error?.failureClass == .retryable)
    }

    @Test func aConnectionIsCheckedEachTimeItIsMade() async throws {
        let redis = try await TestRedis()
        func connection() -> RedisConnection {
            RedisConnection(redis.configuration, name: "checked", checks: [.durability], logger: .silent)
        }
        let first = connection()
        _ = try await first.send(RedisCommand("PING"))
        try await set(redis, "appendfsync", "everysec")
        _ = try await first.send(RedisCommand("PING"))
        let error = await #expect(throws: RedisError.self) { try await connection().send(RedisCommand("PING")) }
        #expect(error?.kind == .notDurable && error?.message.contains("appendfsync everysec") == true)
        try await set(redis, "appendfsync", "always")
        try await set(redis, "no-appendfsync-on-rewrite", "yes")
        let unsynced = await #expect(throws: RedisError.self) { try await connection().send(RedisCommand("PING")) }
        #expect(unsynced?.kind == .notDurable && unsynced?.message.contains("no-appendfsync-on-rewrite yes") == true)
    }
}
