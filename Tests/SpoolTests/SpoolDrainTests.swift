import Batching
import BlockingClient
import Foundation
import Models
import TestSupport
import Testing

@testable import Spool

@Suite("The drain of a spool") struct SpoolDrainTests {
    @Test("sends portions in order, none of them twice")
    func order() async throws {
        let fixture = try SpoolFixture(partitions: 1)
        let spool = try await fixture.open()
        // Batches of 500 events: two fit a portion.
        let batches = (0..<7).flatMap { part in
            PartitionBatch.batches(of: (0..<500).map { .playing(seq: Int64(part * 500 + $0)) }, partitions: 1)
        }
        for batch in batches { try await spool.append([batch]) }
        let sink = Sink()
        let drain = sink.drain(spool)
        var portions: [Int] = []
        while case .sent(let events, 0) = try await drain.sendPortion() { portions.append(events) }
        #expect(portions.reduce(0, +) == 3500 && portions.allSatisfy { $0 <= 1024 } && portions.count > 2)
        #expect(try sink.seqs == Array(0..<3500))
    }

    @Test("repeats a portion that failed, and removes nothing before it was sent")
    func failure() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        for seq in 0..<3 { try await spool.append(fixture.batch(Int64(seq))) }
        let failures = LockedValue(2)
        let sink = Sink { _ in
            // What is under way is on disk still: for another process it is all there.
            try failures.withLock { failures in
                failures -= 1
                if failures >= 0 { throw Sink.Broken() }
            }
            #expect(try fixture.files().count == 1)
        }
        let drain = sink.drain(spool)
        for _ in 0..<2 {
            await #expect(throws: Sink.Broken.self) { try await drain.sendPortion() }
            #expect(spool.usage.events == 3)
            #expect(try await fixture.eventsAfterCrash() == 3)
        }
        #expect(try await drain.sendPortion() == .sent(events: 3, refused: 0))
        #expect(try sink.seqs == [0, 1, 2])
        #expect(spool.usage.isEmpty)
        #expect(try fixture.files().isEmpty)
    }

    @Test("what is refused for itself goes to the end, even of a full spool, and holds up nothing")
    func refusal() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open(limitBytes: 200)
        try await spool.append((0..<3).flatMap { fixture.batch(Int64($0), member: OpaqueID("m-\($0)")) })
        #expect(spool.usage.level == .nothing)
        let isRefusing = LockedValue(true)
        let wanted = fixture.batch(1, member: "m-1")[0]
        let sink = Sink { batches in if isRefusing.withLock({ $0 }), batches.contains(wanted) { throw Sink.Refused() } }
        let drain = sink.drain(spool)
        var sent = 0
        // Together, and then each alone.
        for _ in 0..<4 {
            if case .sent(let events, let refused) = try await drain.sendPortion() { sent += events - refused }
        }
        #expect(sent == 2)
        #expect(try sink.seqs.sorted() == [0, 2])
        #expect(spool.usage.events == 1)
        #expect(try await fixture.eventsAfterCrash() == 1)
        isRefusing.withLock { $0 = false }
        try await drain.sendAll()
        #expect(try sink.seqs.sorted() == [0, 1, 2])
        #expect(spool.usage.isEmpty && spool.usage.bytes == 0)
    }

    @Test("two callers do not send one portion twice, nor skip one")
    func twoCallers() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        try await spool.append(fixture.batch(1))
        let isHeld = LockedValue(true)
        let entered = LockedValue(0)
        let sink = Sink()
        let send = { @Sendable (batches: [PartitionBatch]) async throws in
            entered.withLock { $0 += 1 }
            try await eventually("the second call was answered") { !isHeld.withLock { $0 } }
            try await sink.send(batches)
        }
        let drain = SpoolDrain(spool, isRefusal: { _ in false }, send: send)
        async let first = drain.sendPortion()
        try await eventually("the first is under way") { entered.withLock { $0 } == 1 }
        #expect(try await drain.sendPortion() == .busy)
        isHeld.withLock { $0 = false }
        #expect(try await first == .sent(events: 1, refused: 0))
        #expect(try sink.seqs == [1])
    }

    @Test("events that come while it drains are drained too")
    func meanwhile() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        let sink = Sink()
        let drain = sink.drain(spool)
        for seq in 0..<30 {
            try await spool.append(fixture.batch(Int64(seq)))
            if seq % 3 == 0 { _ = try await drain.sendPortion() }
        }
        try await drain.sendAll()
        #expect(try sink.seqs == Array(0..<30))
        #expect(try fixture.files().isEmpty)
    }
}
