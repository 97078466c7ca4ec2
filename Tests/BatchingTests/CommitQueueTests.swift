import BlockingClient
import TestSupport
import Testing

@testable import Batching

@Suite("The queue of commits") struct CommitQueueTests {
    private struct Broken: Error {}

    private static func batch(_ partition: Int = 0, bytes: Int = 10) -> PartitionBatch {
        PartitionBatch(partition: partition, payload: Array(repeating: 7, count: bytes), eventCount: 1)
    }

    /// Submits and returns what it was answered with; nil for success.
    private static func submit(
        _ batches: [PartitionBatch], to queue: CommitQueue, deadline: Duration = .seconds(60),
        onWaiting: @escaping @Sendable () -> Void = {}
    ) -> Task<(any Error)?, Never> {
        Task {
            do {
                try await queue.submit(batches, deadline: .now + deadline, onWaiting: onWaiting)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("nothing to write is written at once")
    func nothing() async throws {
        let queue = CommitQueue(maximalBytes: 0)
        try await queue.submit([], deadline: .now) { Issue.record("no writer is needed") }
    }

    @Test("requests that wait share an entry, and each is answered when it is settled")
    func merging() async throws {
        let queue = CommitQueue(maximalBytes: 1000)
        let requests = (0..<3).map { _ in Self.submit([Self.batch(4)], to: queue) }
        try await eventually("all wait") { queue.waitingEvents == 3 }
        let entries = queue.takeAll()
        #expect(entries.count == 1 && entries.first?.batch.eventCount == 3)
        #expect(queue.isEmpty && queue.openRequests == 3)
        queue.settle(entries[0])
        for request in requests { #expect(await request.value == nil) }
        #expect(queue.openRequests == 0)
    }

    @Test("a request is answered with the failure of any of its batches, when all are settled")
    func failure() async throws {
        let queue = CommitQueue(maximalBytes: 1000)
        let request = Self.submit([Self.batch(1), Self.batch(2)], to: queue)
        try await eventually("it waits") { queue.waitingEvents == 2 }
        let entries = queue.takeAll()
        queue.settle(entries[0], failure: Broken())
        #expect(queue.openRequests == 1)
        queue.settle(entries[1])
        #expect(await request.value is Broken)
    }

    @Test("a request is answered by its deadline while the writer hangs, and what the writer says later is harmless")
    func deadline() async throws {
        let queue = CommitQueue(maximalBytes: 1000)
        let taken = LockedValue<[CommitQueue.Entry]>([])
        let began = ContinuousClock.now
        // The first one's deadline is far away, and must not hold up the others'.
        let patient = Self.submit([Self.batch(9)], to: queue)
        try await eventually("it waits") { queue.waitingEvents == 1 }
        let requests = (0..<50).map { partition in
            Self.submit([Self.batch(partition)], to: queue, deadline: .milliseconds(60)) {
                let entries = queue.takeAll()
                taken.withLock { $0 += entries }
            }
        }
        for request in requests { #expect(await request.value as? CommitFailure == .overdue) }
        let took = ContinuousClock.now - began
        #expect(took >= .milliseconds(60) && took < .seconds(10), "\(took)")
        #expect(queue.openRequests == 1)
        for entry in taken.withLock({ $0 }) { queue.settle(entry) }
        #expect(await patient.value == nil)
        #expect(queue.openRequests == 0)
    }

    @Test("what still waits when its deadline passes is answered too")
    func deadlineOfWaiting() async throws {
        let queue = CommitQueue(maximalBytes: 1000)
        let request = Self.submit([Self.batch(1), Self.batch(2)], to: queue, deadline: .milliseconds(30))
        #expect(await request.value as? CommitFailure == .overdue)
        #expect(queue.openRequests == 0)
        // Written all the same, which is harmless.
        #expect(queue.takeAll().count == 2)
    }

    @Test("past the bound requests are refused, and taken again when there is room")
    func full() async throws {
        let queue = CommitQueue(maximalBytes: 100)
        let first = Self.submit([Self.batch(bytes: 100)], to: queue)
        try await eventually("it waits") { queue.waitingEvents == 1 }
        #expect(await Self.submit([Self.batch()], to: queue).value as? CommitFailure == .full(waitingBytes: 100))
        #expect(queue.openRequests == 1)
        let entries = queue.takeAll()
        let third = Self.submit([Self.batch()], to: queue)
        try await eventually("the third waits") { queue.waitingEvents == 1 }
        for entry in entries + queue.takeAll() { queue.settle(entry) }
        #expect(await first.value == nil)
        #expect(await third.value == nil)
    }

    @Test("what waits is sent away, what is being written is not")
    func turnAway() async throws {
        let queue = CommitQueue(maximalBytes: 1000)
        let first = Self.submit([Self.batch()], to: queue)
        try await eventually("it waits") { queue.waitingEvents == 1 }
        let flight = queue.takeAll()
        let second = Self.submit([Self.batch()], to: queue)
        try await eventually("the second waits") { queue.waitingEvents == 1 }
        queue.turnAway()
        #expect(await second.value as? CommitFailure == .turnedAway)
        #expect(queue.isEmpty && queue.openRequests == 1)
        queue.settle(flight[0])
        #expect(await first.value == nil)
    }

    @Test("nothing leaks under many requests of which most give up")
    func leaks() async throws {
        let queue = CommitQueue(maximalBytes: 1 << 20)
        for _ in 0..<5 {
            let requests = (0..<400).map { Self.submit([Self.batch($0 % 16)], to: queue, deadline: .milliseconds($0 % 30)) }
            for entry in queue.takeAll().prefix(3) { queue.settle(entry) }
            for request in requests { _ = await request.value }
            _ = queue.takeAll()
        }
        #expect(queue.openRequests == 0)
        try await eventually("the sweep lets go of answered requests") { queue.heldRequests == 0 }
    }
}
