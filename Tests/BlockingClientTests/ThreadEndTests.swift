import BlockingClient
import Foundation
import Synchronization
import Testing

@Suite("The end of an executor's thread", .timeLimit(.minutes(1)))
struct ThreadEndTests {
    @Test("a stopped executor lets go of its thread and is freed")
    func stop() async {
        weak var stopped: ThreadExecutor?
        do {
            let executor = ThreadExecutor(name: "ending")
            stopped = executor
            executor.stop()
        }
        #expect(await soon { stopped == nil })
    }

    @Test("an executor that is not stopped keeps its thread")
    func running() async {
        weak var running: ThreadExecutor?
        do {
            let executor = ThreadExecutor(name: "running")
            running = executor
        }
        #expect(await !soon(within: .milliseconds(50)) { running == nil })
        running?.stop()
        #expect(await soon { running == nil })
    }

    @Test("stopping waits for what was enqueued before")
    func drains() async {
        let executor = ThreadExecutor(name: "draining")
        let actor = BorrowingActor(executor)
        let (entered, continuation) = AsyncStream.makeStream(of: Void.self)
        let semaphore = DispatchSemaphore(value: 0)
        let call = Task { await actor.enqueueThenBlock(100, entered: continuation, until: semaphore) }
        var arrivals = entered.makeAsyncIterator()
        await arrivals.next()
        // Stopped while a job runs and a hundred wait.
        executor.stop()
        semaphore.signal()
        await call.value
        #expect(await soon { actor.ran.load(ordering: .relaxed) == 100 })
    }

    #if os(Linux)
        @Test(
            "the thread has the name it was given, cut at 15 bytes",
            arguments: [("redis-7", "redis-7"), ("playhead-processor-monitor", "playhead-proces")])
        func name(given: String, shown: String) async throws {
            #expect(try await ThreadActor(name: given).kernelThread().name == shown)
        }

        @Test("the thread lives as long as its actor")
        func thread() async throws {
            let path: String
            do {
                let actor = ThreadActor()
                path = try await actor.kernelThread().path
                #expect(FileManager.default.fileExists(atPath: path))
                #expect(try await actor.kernelThread().path == path)
            }
            #expect(await soon { !FileManager.default.fileExists(atPath: path) })
        }

        @Test("hundreds of short-lived actors leave no thread behind")
        func manyThreads() async throws {
            var paths: Set<String> = []
            for _ in 0..<300 { paths.insert(try await ThreadActor().kernelThread().path) }
            #expect(await soon { !paths.contains { FileManager.default.fileExists(atPath: $0) } })
        }
    #endif

    /// Whether `condition` comes true before the time is over.
    private func soon(within limit: Duration = .seconds(20), _ condition: () -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if condition() { return true }
            await Task.yield()
        }
        return condition()
    }
}
