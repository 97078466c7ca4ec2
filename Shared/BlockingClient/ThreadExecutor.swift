import DequeModule
import Foundation

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
///
/// `@unchecked Sendable`: what is shared is touched under `condition` only. A condition of pthreads and not `Mutex`, as a thread
/// has to sleep on it, and as the thread sanitizer knows pthreads.
public final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    private enum Job {
        case ofTask(UnownedJob)
        case plain(@Sendable () -> Void)
    }

    private let condition = NSCondition()
    private var jobs: Deque<Job> = []
    private let thread = LockedValue<pthread_t?>(nil)
    private var isRunning = false
    private var isStopped = false

    /// Starts the thread.
    /// - Parameter name: what debuggers and `top -H` show, of which Linux keeps 15 bytes.
    public init(name: String) {
        let thread = Thread { [self] in run() }
        thread.start()
        // Not before it runs: until then Foundation on Linux loses a name. And Linux takes 15 bytes or nothing.
        condition.withLock { while !isRunning { condition.wait() } }
        thread.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        add(.ofTask(UnownedJob(job)))
    }

    /// Runs work on the thread, after what came before it. It costs no task; the actor's state is reached by `assumeIsolated`.
    public func perform(_ work: @escaping @Sendable () -> Void) {
        add(.plain(work))
    }

    private func add(_ job: Job) {
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    /// For `assumeIsolated` in ``perform(_:)``.
    public func checkIsolated() {
        precondition(thread.withLock { $0 } == pthread_self(), "not on the thread of this executor")
    }

    /// Ends the thread once what was enqueued has run. Call it from the actor's `deinit`: no job can come after that.
    public func stop() {
        condition.withLock {
            isStopped = true
            condition.signal()
        }
    }

    private func run() {
        thread.withLock { $0 = pthread_self() }
        condition.withLock {
            isRunning = true
            condition.broadcast()
        }
        let executor = asUnownedSerialExecutor()
        while let job = nextJob() {
            switch job {
            case .ofTask(let job): job.runSynchronously(on: executor)
            case .plain(let work): work()
            }
        }
    }

    /// Sleeps until there is a job; nil once stopped and empty.
    private func nextJob() -> Job? {
        condition.withLock {
            while jobs.isEmpty, !isStopped { condition.wait() }
            return jobs.popFirst()
        }
    }
}
