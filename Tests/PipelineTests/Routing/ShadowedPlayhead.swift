import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport

/// A pipeline with a shadow: a Redis of its own, and a processor that makes the other history of the copies.
final class ShadowedPlayhead: Sendable {
    let playhead: Playhead
    let copies: TestRedis
    /// Where the shadow's processor reads: the same, unless somebody stands between.
    private let applied: TestRedis
    private let spools: TemporaryFolder
    let processor: RunningService

    /// - Parameter relayed: copies go to one Redis, and are read from another: the test carries them over.
    init(_ names: [RunningService.Name] = [.edge, .processor, .query], relayed: Bool = false) async throws {
        copies = try await TestRedis()
        applied = relayed ? try await TestRedis() : copies
        // What is copied here is to be copied, however slow the disk is: an edge waits for a second at most,
        // and for its journal for a fiftieth of what a synchronous write may take.
        for redis in [copies, applied] { _ = try await redis.connection().send(RedisCommand("CONFIG", "SET", "appendfsync", "no")) }
        spools = try TemporaryFolder()
        playhead = try await Playhead(
            names,
            settings: [
                "PLAYHEAD_SHADOW_REDIS_URL": copies.url, "PLAYHEAD_SPOOL_DIR": spools.url.path, "PLAYHEAD_SYNC_TIMEOUT_MS": "60000",
            ])
        let migration = try await playhead.run("migrate", "--shadow")
        guard migration.status == 0 else { throw NotInTime(description: migration.errors) }
        processor = try playhead.start(
            .processor, settings: ["PLAYHEAD_PROCESSOR_GROUP": "shadow", "PLAYHEAD_SHADOW_REDIS_URL": applied.url])
        try await processor.untilReady()
    }

    /// The sessions that began while their member was shadowed, and of which every copy was made.
    func listed() async throws -> Set<SessionKey> {
        let statement = PostgresStatement(
            name: "test_shadowed",
            sql: "SELECT member_id, session_id FROM shadowed_session WHERE began_at < 'infinity' AND not_copied IS NOT true")
        let result = try await playhead.database.connection("list").run(statement())
        return Set(
            (0..<result.rowCount).map {
                SessionKey(memberId: OpaqueID(result.text($0, 0) ?? ""), sessionId: OpaqueID(result.text($0, 1) ?? ""))
            })
    }

    var applying: RedisConnection { applied.connection("relay-to") }

    /// Waits until what begins now counts as begun while it was shadowed.
    func untilShadowed() async throws {
        let database = playhead.database.connection("clock")
        let change = try await RouteStore(connection: playhead.redis.connection("route")).changes(limit: 1).first?.at ?? 0
        try await eventually("the change is some time ago") {
            let clock = PostgresStatement(name: "test_clock", sql: "SELECT clock_timestamp()")
            return try await database.run(clock()).timestamp(0, 0) ?? 0 > change + 2000
        }
    }

    /// Waits until every copy that was made is applied.
    func settle() async throws {
        let topology = StreamTopology(partitions: 16, kind: .shadow)
        let inspector = StreamInspector(topology: topology, connection: applied.connection("inspector"))
        try await eventually("every copy is applied") {
            try await inspector.partitions(group: StreamKind.shadow.group).allSatisfy { $0.oldestUnappliedAgeMs == nil }
        }
    }

    /// What `playhead verify --shadow` finds, of what was not written for 5 s.
    func verify(_ arguments: [String] = []) async throws -> RunningService.Ending {
        try await playhead.start(
            .playhead, arguments: ["verify", "--shadow", "--settle", "5s"] + arguments, settings: ["PLAYHEAD_SHADOW_REDIS_URL": applied.url]
        ).ending()
    }

    /// The same once it says all of this and ends so: nothing is certain while an edge is silent, be it for want of a processor.
    @discardableResult
    func verify(until texts: String..., status: Int32, arguments: [String] = []) async throws -> RunningService.Ending {
        var found = try await verify(arguments)
        let deadline = ContinuousClock.now + .seconds(60)
        while found.status != status || !texts.allSatisfy(found.output.contains) {
            guard .now < deadline else {
                throw NotInTime(description: "verify does not say \(texts), or does not end with \(status): \(found)")
            }
            found = try await verify(arguments)
        }
        return found
    }
}
