import BlockingClient
import EventStream
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct RedisConnectionTests {
    @Test func aPipelineGivesOneReplyForEachCommandInOrder() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        let replies = try await connection.send((0..<2000).map { RedisCommand("ECHO", RedisArgument("value \($0)")) })
        #expect(replies.count == 2000)
        for (index, reply) in replies.enumerated() { #expect(try reply.text() == "value \(index)") }
    }

    @Test func everyCallerGetsItsOwnReply() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask { try await connection.send(RedisCommand("ECHO", RedisArgument(number))).text() == String(number) }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
    }

    @Test func anyBytesComeBackAsTheyWere() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        _ = try await connection.send(RedisCommand("SET", "key", RedisArgument(bytes)))
        #expect(try await connection.send(RedisCommand("GET", "key")).bytes() == bytes)
        #expect(try await connection.send(RedisCommand("GET", "other")).isNil)
    }

    @Test func anErrorReplySpoilsOnlyItsOwnCommand() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        let replies = try await connection.send([RedisCommand("SET", "k", "v"), RedisCommand("INCR", "k"), RedisCommand("GET", "k")])
        #expect(replies[0].error == nil)
        #expect(replies[1].error?.kind == .server(code: "ERR"))
        #expect(try replies[2].text() == "v")
        let error = await #expect(throws: RedisError.self) { try await connection.send(RedisCommand("NONSENSE")) }
        #expect(error?.failureClass == .fatal)
    }

    @Test func aReplyOfAnotherTypeIsAnErrorNotACrash() async throws {
        let redis = try await TestRedis()
        let reply = try await redis.connection().send(RedisCommand("PING"))
        #expect(throws: RedisError.self) { try reply.integer() }
        #expect(throws: RedisError.self) { try reply.array() }
        #expect(try reply.text() == "PONG")
    }

    @Test func itConnectsAgainAfterTheServerCrashed() async throws {
        let folder = try TemporaryFolder()
        let first = try await TestRedis(keepingDataIn: folder)
        let connection = first.connection()
        _ = try await connection.send(RedisCommand("SET", "k", "kept"))
        await first.server.crash()
        let error = await #expect(throws: RedisError.self) { try await connection.send(RedisCommand("GET", "k")) }
        #expect(error?.failureClass == .retryable)

        let second = try await TestRedis(keepingDataIn: folder)
        #expect(second.url == first.url)
        try await eventually("the connection works again") {
            (try? await connection.send(RedisCommand("GET", "k")).text()) == "kept"
        }
    }

    /// As after a server that was away while nobody asked it anything.
    @Test func whatTheServerClosedWhileItWasIdleIsNoError() async throws {
        let folder = try TemporaryFolder()
        let first = try await TestRedis(keepingDataIn: folder)
        let connection = first.connection()
        _ = try await connection.send(RedisCommand("SET", "k", "kept"))
        await first.server.crash()
        let second = try await TestRedis(keepingDataIn: folder)
        #expect(second.url == first.url)
        #expect(try await connection.send(RedisCommand("GET", "k")).text() == "kept")
    }

    @Test func aServerThatHangsCostsTheTimeoutAndNoMore() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection(commandTimeout: .milliseconds(300))
        _ = try await connection.send(RedisCommand("PING"))
        redis.server.hang()
        let began = ContinuousClock.now
        let error = await #expect(throws: RedisError.self) { try await connection.send(RedisCommand("PING")) }
        #expect(error?.kind == .connection)
        #expect(.now - began < .seconds(8), "not the 10 s that others have")
        redis.server.continueAfterHang()
        try await eventually("it answers again") { (try? await connection.send(RedisCommand("PING"))) != nil }
    }

    @Test func whileBackingOffACallFailsAtOnce() async throws {
        let redis = try await TestRedis()
        let connection = redis.connection()
        _ = try await connection.send(RedisCommand("PING"))
        await redis.server.crash()
        // Attempts fail, and each failure makes the next wait longer; between them the answer comes without an attempt.
        try await eventually("an attempt is refused without being made") {
            do throws(RedisError) {
                _ = try await connection.send(RedisCommand("PING"))
                return false
            } catch {
                return error.kind == .backingOff
            }
        }
    }

    @Test func aPasswordIsSentAndAWrongOneIsFatal() async throws {
        let redis = try await TestRedis()
        _ = try await redis.connection().send(RedisCommand("CONFIG", "SET", "requirepass", "secret"))
        let port = redis.configuration.port
        let good = RedisConnection(try RedisConfiguration(url: "redis://:secret@127.0.0.1:\(port)/3"), name: "good", logger: .silent)
        #expect(try await good.send(RedisCommand("PING")).text() == "PONG")
        #expect(try await good.send(RedisCommand("CLIENT", "INFO")).text().contains("db=3"))
        let bad = RedisConnection(try RedisConfiguration(url: "redis://:wrong@127.0.0.1:\(port)"), name: "bad", logger: .silent)
        let error = await #expect(throws: RedisError.self) { try await bad.send(RedisCommand("PING")) }
        #expect(error?.failureClass == .fatal)
    }

    @Test func aBlockingReadHoldsUpNobodyElse() async throws {
        let redis = try await TestRedis()
        let blocked = redis.connection("blocked")
        let others = (0..<4).map { redis.connection("other-\($0)") }
        let wait = Task { try await blocked.send(RedisCommand("BLPOP", "never", "300"), blockingFor: .seconds(300)) }
        for number in 0..<400 { _ = try await others[number % 4].send(RedisCommand("INCR", "count")) }
        #expect(try await others[0].send(RedisCommand("GET", "count")).text() == "400")
        // Ends the wait: it must have lasted until now.
        _ = try await others[0].send(RedisCommand("RPUSH", "never", "now"))
        #expect(try await wait.value.array().count == 2)
    }
}
