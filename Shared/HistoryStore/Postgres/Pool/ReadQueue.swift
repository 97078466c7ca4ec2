import BlockingClient
import DequeModule

/// Reads that wait for a connection. Each is answered by its deadline, whatever connections do.
final class ReadQueue: Sendable {
    /// One read, which is answered once.
    final class Waiting: Sendable {
        private struct State {
            var deadline: ContinuousClock.Instant
            /// What it met when it was last tried.
            var failure: PostgresError?
            /// nil once answered.
            var continuation: CheckedContinuation<PostgresResult, any Error>?
        }

        let query: PostgresQuery
        private let state: LockedValue<State>

        fileprivate init(
            _ query: PostgresQuery, deadline: ContinuousClock.Instant, continuation: CheckedContinuation<PostgresResult, any Error>
        ) {
            self.query = query
            state = LockedValue(State(deadline: deadline, continuation: continuation))
        }

        var deadline: ContinuousClock.Instant { state.withLock { $0.deadline } }

        fileprivate var isAnswered: Bool { state.withLock { $0.continuation == nil } }

        func answer(_ result: Result<PostgresResult, PostgresError>) {
            takeContinuation()?.resume(with: result.mapError { $0 as any Error })
        }

        /// Notes that a connection was lost under it, from which on it is tried again no longer than `patience`.
        fileprivate func note(_ failure: PostgresError, patience: Duration) {
            state.withLock { state in
                if state.failure == nil { state.deadline = min(state.deadline, .now + patience) }
                state.failure = failure
            }
        }

        fileprivate func giveUp() {
            let failure = state.withLock { $0.failure }
            answer(.failure(failure ?? PostgresError(.connection, "no answer within the request timeout")))
        }

        private func takeContinuation() -> CheckedContinuation<PostgresResult, any Error>? {
            state.withLock { state in
                defer { state.continuation = nil }
                return state.continuation
            }
        }
    }

    private struct State {
        var waiting: Deque<Waiting> = []
        /// Not answered yet, or since the last sweep.
        var open: [Waiting] = []
        var isSweeping = false
    }

    private static let sweepInterval = Duration.milliseconds(25)

    private let state = LockedValue(State())
    private let maximalOpen: Int
    private let patience: Duration

    /// - Parameters:
    ///   - maximalOpen: reads that may be under way or wait; more are refused at once.
    ///   - patience: how long a read is tried again whose connection was lost.
    init(maximalOpen: Int, patience: Duration) {
        self.maximalOpen = maximalOpen
        self.patience = patience
    }

    /// Reads that are under way or wait.
    var open: Int { state.withLock { $0.open.count { !$0.isAnswered } } }

    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// Returns with the result.
    /// - Parameter onWaiting: wakes a connection.
    /// - Throws: ``PostgresError``
    func submit(
        _ query: PostgresQuery, deadline: ContinuousClock.Instant, onWaiting: () -> Void
    ) async throws(PostgresError) -> PostgresResult {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                let read = Waiting(query, deadline: deadline, continuation: continuation)
                let (isRefused, startsSweep) = state.withLock { state in
                    if state.open.count >= maximalOpen { state.open.removeAll { $0.isAnswered } }
                    guard state.open.count < maximalOpen else { return (true, false) }
                    state.waiting.append(read)
                    state.open.append(read)
                    defer { state.isSweeping = true }
                    return (false, !state.isSweeping)
                }
                if isRefused { return read.answer(.failure(PostgresError(.overloaded, "\(maximalOpen) reads wait already"))) }
                if startsSweep { Task { await sweep() } }
                onWaiting()
            }
        } catch {
            throw error as? PostgresError ?? PostgresError(.unexpectedResult, "\(error)")
        }
    }

    /// - Returns: what waited longest, and is not past its deadline.
    func take(upTo count: Int) -> [Waiting] {
        let now = ContinuousClock.now
        return state.withLock { state in
            var taken: [Waiting] = []
            while taken.count < count, let read = state.waiting.popFirst() {
                // One that is overdue is answered by the next sweep.
                if !read.isAnswered, read.deadline > now { taken.append(read) }
            }
            return taken
        }
    }

    /// Puts reads back, before all others.
    /// - Parameter failure: that of the connection they were tried over; nil where they were not.
    func putBack(_ reads: [Waiting], after failure: PostgresError?) {
        if let failure { for read in reads { read.note(failure, patience: patience) } }
        state.withLock { $0.waiting.prepend(contentsOf: reads) }
    }

    /// All that wait have met this too.
    func note(_ failure: PostgresError) {
        for read in state.withLock({ Array($0.waiting) }) { read.note(failure, patience: patience) }
    }

    /// Runs while reads are open.
    private func sweep() async {
        while true {
            try? await Task.sleep(for: Self.sweepInterval)
            let now = ContinuousClock.now
            let (overdue, isDone) = state.withLock { state -> ([Waiting], Bool) in
                state.open.removeAll { $0.isAnswered }
                let overdue = state.open.filter { $0.deadline <= now }
                state.isSweeping = !state.open.isEmpty
                return (overdue, state.open.isEmpty)
            }
            for read in overdue { read.giveUp() }
            if isDone { return }
        }
    }
}
