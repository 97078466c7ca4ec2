import BlockingClient
import Foundation
import Synchronization

/// An actor on a thread of its own, as the connections are.
actor ThreadActor {
    private let executor: ThreadExecutor
    private(set) var numbers: [Int] = []
    private var isInside = false
    /// Whether two calls were ever inside at once.
    private(set) var wasShared = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(name: String = "thread-actor") {
        executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    func thread() -> ThreadIdentity { .current }

    /// What `top -H` shows, and where the kernel lists the thread as long as it lives.
    func kernelThread() throws -> (name: String, path: String) {
        let name = try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
        return (name, "/proc/" + (try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")))
    }

    func add(_ number: Int) {
        if isInside { wasShared = true }
        isInside = true
        numbers.append(number)
        isInside = false
    }

    /// Starts a task for each number, in order, while none of them can run.
    func enqueue(_ numbers: Range<Int>) -> [Task<Void, Never>] {
        numbers.map { number in Task { self.add(number) } }
    }

    /// Blocks the thread, as a read from a socket does.
    /// - Returns: whether the semaphore was signalled before 20 seconds were over.
    func block(entered: AsyncStream<Void>.Continuation, until semaphore: DispatchSemaphore) -> Bool {
        entered.yield()
        return semaphore.wait(timeout: .now() + 20) == .success
    }
}

/// A thread, told apart from every other that lives.
struct ThreadIdentity: Hashable, Sendable {
    private let thread: ObjectIdentifier

    static var current: ThreadIdentity { ThreadIdentity(thread: ObjectIdentifier(Thread.current)) }
}

/// An actor on an executor that is somebody else's to stop.
actor BorrowingActor {
    private let executor: ThreadExecutor
    /// Read without the executor, which may have ended.
    nonisolated let ran = Atomic(0)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ executor: ThreadExecutor) {
        self.executor = executor
    }

    /// Enqueues jobs, then blocks the thread before any of them can run.
    func enqueueThenBlock(_ jobs: Int, entered: AsyncStream<Void>.Continuation, until semaphore: DispatchSemaphore) {
        for _ in 0..<jobs { Task { self.run() } }
        entered.yield()
        _ = semaphore.wait(timeout: .now() + 20)
    }

    private func run() {
        ran.add(1, ordering: .relaxed)
    }
}
