import BlockingClient
import EventStream
import Foundation
import HTTPTypes
import Logging
import Models
import ServiceKit
import Spool
import TestSupport
import Testing
import Tokens

@testable import Edge

/// What clients are answered while Redis is away, which it is in all of these.
@Suite("The ladder of degradation") struct LadderTests {
    private let folder: TemporaryFolder
    private let spool: Spool?
    private let intake: EventIntake

    private init(limitBytes: Int?, eventsPerSecond: Int = 0) async throws {
        folder = try TemporaryFolder()
        let redis = RedisConnection(try RedisConfiguration(url: "redis://127.0.0.1:1"), name: "none", logger: .silent)
        let appender = StreamAppender(connections: [redis])
        var spool: Spool?
        if let limitBytes {
            spool = try await Spool(root: folder.url.path, partitions: 4, limitBytes: limitBytes, logger: .silent)
        }
        self.spool = spool
        let condition = EdgeCondition(appender: appender, spool: spool, readiness: Readiness(awaiting: []), logger: .silent)
        // It seems to take events, until the first is tried.
        condition.probeSucceeded()
        let log = DurableLog(
            appender: appender, spool: spool, condition: condition, partitions: 4, streamTimeout: .milliseconds(200))
        let asynchronousOnly = SynchronousPath(
            routes: RouteInUse(.initial), writer: OnFirstUse { DatabaseWriter(appliers: [], maximalWaiting: 0, logger: .silent) },
            copier: ShadowCopier(
                appender: nil, journal: nil, partitions: 4, journalPatience: .zero, readiness: Readiness(awaiting: []), logger: .silent),
            timeout: .zero,
            readiness: Readiness(awaiting: []), logger: .silent)
        intake = EventIntake(
            log: log, synchronous: asynchronousOnly, counts: RequestCounts(), memberLimit: MemberLimit(eventsPerSecond: eventsPerSecond),
            requestTimeout: .seconds(60),
            now: { PlaybackEvent.sampleTime })
    }

    private static func request(_ kinds: [String], member: String = "m") throws -> EventRequest {
        let events = kinds.enumerated().map {
            #"{"memberId":"\#(member)","sessionId":"s","seq":\#($0),"kind":"\#($1)","titleId":"t","positionMs":5,"occurredAt":1763700000000}"#
        }
        return try EventRequest(body: Data("[\(events.joined(separator: ","))]".utf8), contentType: "application/json")
    }

    /// Fills the spool up to a level.
    private func fill(to level: SpoolUsage.Level) async throws {
        while let spool, spool.usage.level < level { _ = try await intake.take(Self.request(["stop"]), grant: .everything) }
    }

    @Test("without a spool events are refused with 503")
    static func noSpool() async throws {
        let ladder = try await LadderTests(limitBytes: nil)
        let problem = await #expect(throws: Problem.self) { try await ladder.intake.take(request(["start"]), grant: .everything) }
        #expect(problem?.status == .serviceUnavailable && problem?.type == "not-durable" && problem?.headers[.retryAfter] == "1")
    }

    @Test("events go to the spool")
    static func spooled() async throws {
        let ladder = try await LadderTests(limitBytes: 1 << 20)
        let receipt = try await ladder.intake.take(request(["start", "explode", "progress"]), grant: .everything)
        #expect(receipt.accepted == 2 && receipt.durability == "spool")
        #expect(receipt.rejected.map(\.index) == [1])
        #expect(ladder.spool?.usage.events == 2)
    }

    @Test("above 80 % progress is put off, and everything else taken")
    static func essentials() async throws {
        let ladder = try await LadderTests(limitBytes: 20_000)
        try await ladder.fill(to: .essentials)
        let before = try #require(ladder.spool?.usage.events)
        let kinds = ["progress", "start", "explode", "pause", "progress", "resume", "seek", "stop", "complete", "progress"]
        let receipt = try await ladder.intake.take(request(kinds), grant: .everything)
        #expect(receipt.accepted == 6 && receipt.durability == "spool")
        #expect(receipt.rejected.map(\.index) == [0, 2, 4, 9])
        #expect(receipt.rejected.map(\.retryable) == [true, false, true, true])
        #expect(receipt.rejected[0].type == "urn:playhead:problem:back-pressure")
        #expect(ladder.spool?.usage.events == before + 6)

        let problem = await #expect(throws: Problem.self) {
            try await ladder.intake.take(request(["progress", "explode"]), grant: .everything)
        }
        #expect(problem?.status == .serviceUnavailable && problem?.headers[.retryAfter] == "1")
        #expect(problem?.members["rejected"] != nil)
        let bad = await #expect(throws: Problem.self) { try await ladder.intake.take(request(["explode"]), grant: .everything) }
        #expect(bad?.status == .unprocessableContent && bad?.headers[.retryAfter] == nil)
    }

    @Test("a full spool takes nothing")
    static func full() async throws {
        let ladder = try await LadderTests(limitBytes: 2000)
        try await ladder.fill(to: .nothing)
        let problem = await #expect(throws: Problem.self) { try await ladder.intake.take(request(["stop"]), grant: .everything) }
        #expect(problem?.status == .serviceUnavailable && problem?.type == "not-durable" && problem?.headers[.retryAfter] == "1")
    }

    @Test("a member that floods is put off, others are not")
    static func flood() async throws {
        let ladder = try await LadderTests(limitBytes: 1 << 20, eventsPerSecond: 1)
        let receipt = try await ladder.intake.take(request(Array(repeating: "progress", count: 15), member: "flood"), grant: .everything)
        #expect(receipt.accepted >= 10 && receipt.accepted <= 12)
        #expect(receipt.rejected.map(\.index) == Array(receipt.accepted..<15))
        #expect(receipt.rejected.allSatisfy { $0.retryable && $0.type == "urn:playhead:problem:member-flood" })
        #expect(try await ladder.intake.take(request(["start", "stop"], member: "other"), grant: .everything).accepted == 2)
    }
}
