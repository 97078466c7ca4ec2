import DequeModule
import Dispatch
import Foundation
import Synchronization

/// A serial executor that owns one thread, for an actor around a C client that blocks.
///
/// The cooperative pool has a thread for each core and an event loop serves many connections: a blocking read on either stops
/// unrelated work. An actor with this executor blocks nobody but itself.
///
/// ```swift
/// actor Connection {
///     private let executor = ThreadExecutor(name: "redis")
///     nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
///     deinit { executor.stop() }
/// }
/// ```
public final class ThreadExecutor: SerialExecutor {
    private let work = Mutex(Work())
    private let wakeUps = DispatchSemaphore(value: 0)

    private struct Work {
        var jobs: Deque<UnownedJob> = []
        var isStopped = false
    }

    /// Starts the thread.
    /// - Parameter name: what debuggers and `top -H` show; Linux cuts it at 15 bytes.
    public init(name: String) {
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.start()
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        work.withLock { $0.jobs.append(job) }
        wakeUps.signal()
    }

    /// Ends the thread once what was enqueued has run. Call it from the actor's `deinit`: no job can come after that.
    public func stop() {
        work.withLock { $0.isStopped = true }
        wakeUps.signal()
    }

    private func run() {
        let executor = asUnownedSerialExecutor()
        while true {
            wakeUps.wait()
            let (job, isStopped) = work.withLock { ($0.jobs.popFirst(), $0.isStopped) }
            if let job { job.runSynchronously(on: executor) } else if isStopped { return }
        }
    }
}
