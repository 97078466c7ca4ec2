import BlockingClient
import Foundation
import Testing

@Suite("A thread as an executor", .timeLimit(.minutes(1)))
struct ThreadExecutorTests {
    @Test("an actor runs all its jobs on one thread, never on a caller's")
    func oneThread() async {
        let actor = ThreadActor()
        let seen = await withTaskGroup(of: (caller: ThreadIdentity, actor: ThreadIdentity).self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let caller = callingThread()
                    return (caller, await actor.thread())
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let own = Set(seen.map(\.actor))
        #expect(own.count == 1)
        #expect(own.isDisjoint(with: seen.map(\.caller)))
    }

    @Test("two actors have two threads")
    func twoThreads() async {
        let (one, other) = (ThreadActor(), ThreadActor())
        let (first, second) = (await one.thread(), await other.thread())
        #expect(first != second)
        #expect(await one.thread() == first)
    }

    @Test("thousands of calls at once are carried out one at a time, each once")
    func isolation() async {
        let actor = ThreadActor()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<5000 { group.addTask { await actor.add(number) } }
        }
        #expect(await actor.numbers.sorted() == Array(0..<5000))
        #expect(await !actor.wasShared)
    }

    @Test("jobs run in the order in which they were enqueued")
    func order() async {
        let actor = ThreadActor()
        for task in await actor.enqueue(0..<5000) { await task.value }
        #expect(await actor.numbers == Array(0..<5000))
    }

    /// More of them than the cooperative pool has threads: on the pool nothing else would run.
    @Test("actors that block, block nobody else")
    func blocking() async {
        let count = ProcessInfo.processInfo.activeProcessorCount + 6
        let (entered, continuation) = AsyncStream.makeStream(of: Void.self)
        let semaphore = DispatchSemaphore(value: 0)
        let blocked = (0..<count).map { ThreadActor(name: "blocked-\($0)") }
        let calls = blocked.map { actor in Task { await actor.block(entered: continuation, until: semaphore) } }
        var arrivals = entered.makeAsyncIterator()
        for _ in 0..<count { await arrivals.next() }

        // Every one of them waits now; the pool and another actor go on.
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 1...100 {
                group.addTask {
                    await Task.yield()
                    return number
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 5050)
        let free = ThreadActor()
        for number in 0..<100 { await free.add(number) }
        #expect(await free.numbers.count == 100)

        for _ in 0..<count { semaphore.signal() }
        for call in calls { #expect(await call.value, "it ended by its timeout: somebody was blocked") }
    }

    @Test("what is enqueued behind a blocking call runs after it")
    func behindBlocking() async {
        let actor = ThreadActor()
        let (entered, continuation) = AsyncStream.makeStream(of: Void.self)
        let semaphore = DispatchSemaphore(value: 0)
        let call = Task { await actor.block(entered: continuation, until: semaphore) }
        var arrivals = entered.makeAsyncIterator()
        await arrivals.next()
        let behind = (0..<100).map { number in Task { await actor.add(number) } }
        semaphore.signal()
        #expect(await call.value)
        for task in behind { await task.value }
        #expect(await actor.numbers.sorted() == Array(0..<100))
    }
}

/// `Thread.current` is not to be had in an asynchronous function, as it may change with every `await`.
private func callingThread() -> ThreadIdentity { .current }
