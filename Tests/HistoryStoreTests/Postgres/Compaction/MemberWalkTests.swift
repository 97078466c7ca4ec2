import Models
import TestSupport
import Testing

@testable import HistoryStore

@Suite struct MemberWalkTests {
    private func filled(members: Int) async throws -> TestDatabase {
        let database = try await TestDatabase()
        _ = try await database.applier("writer").apply((0..<members).map { .playing(member: OpaqueID("m-\($0)"), seq: 0) })
        return database
    }

    /// All members of a walk that several share, and how many stretches each took.
    private func walk(_ walkers: [MemberWalk]) async throws -> (members: [OpaqueID], ends: Int) {
        var members: [OpaqueID] = []
        var ends = 0
        while true {
            var isOver = true
            for walker in walkers {
                guard let stretch = try await walker.next() else { continue }
                isOver = false
                members += stretch.members
                if stretch.isEnd { ends += 1 }
            }
            if isOver { return (members, ends) }
        }
    }

    @Test func severalShareAWalkAndNobodyIsLeftOutOrMetTwice() async throws {
        let database = try await filled(members: 450)
        let walkers = (0..<3).map {
            MemberWalk(.compaction(unwritten: .zero, keptSince: nil), over: database.connection("walk-\($0)"), pause: .seconds(60))
        }
        let (members, ends) = try await walk(walkers)
        #expect(members.count == 450 && Set(members).count == 450 && ends == 1)
        // The next one is not due.
        #expect(try await walkers[0].next() == nil)
        try await database.connection().runScript("UPDATE member_walk SET ended_at = ended_at - interval '61 seconds'")
        #expect(try await walk(walkers).members.count == 450)
    }

    @Test func onlyMembersWithSomethingDueAreMet() async throws {
        let database = try await filled(members: 3)
        try await database.connection().runScript(
            "UPDATE playback_session SET updated_at = now() - interval '2 hours' WHERE member_id = 'm-1'")
        let walk = MemberWalk(.compaction(unwritten: .seconds(3600), keptSince: nil), over: database.connection("walk"), pause: .zero)
        let stretch = try #require(try await walk.next())
        #expect(stretch.members == ["m-1"] && stretch.isEnd)
        #expect(try #require(stretch.oldestWrite) < PlaybackEvent.sampleTime * 2)
        // Whatever was written lately is met where it is too old to be kept.
        let keeping = MemberWalk(.compaction(unwritten: .seconds(3600), keptSince: .max), over: database.connection("walk"), pause: .zero)
        #expect(try await keeping.next()?.members == ["m-0", "m-1", "m-2"])
    }

    @Test func aWalkerThatDiesLeavesTheRestToTheOthers() async throws {
        let database = try await filled(members: 300)
        let dying = MemberWalk(.compaction(unwritten: .zero, keptSince: nil), over: database.connection("dying"), pause: .seconds(60))
        let first = try #require(try await dying.next())
        #expect(first.members.count == 200 && !first.isEnd)
        try await database.kill("dying")
        let other = MemberWalk(.compaction(unwritten: .zero, keptSince: nil), over: database.connection("other"), pause: .seconds(60))
        #expect(try await other.next()?.members.count == 100)
    }
}
