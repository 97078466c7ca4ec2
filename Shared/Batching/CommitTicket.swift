import BlockingClient

/// One request that waits for its batches. It is answered once: when all of them are settled, or when its time is over.
public final class CommitTicket: Sendable {
    private struct State {
        var outstanding: Int
        var failure: (any Error)?
        /// nil once answered.
        var continuation: CheckedContinuation<Void, any Error>?
    }

    let deadline: ContinuousClock.Instant
    private let state: LockedValue<State>

    init(batches: Int, deadline: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>) {
        self.deadline = deadline
        state = LockedValue(State(outstanding: batches, continuation: continuation))
    }

    var isAnswered: Bool { state.withLock { $0.continuation == nil } }

    /// Notes what became of one batch.
    func settle(_ failure: (any Error)?) {
        let (continuation, failure) = state.withLock { state in
            state.outstanding -= 1
            state.failure = state.failure ?? failure
            guard state.outstanding == 0 else { return (nil, nil) as (CheckedContinuation<Void, any Error>?, (any Error)?) }
            defer { state.continuation = nil }
            return (state.continuation, state.failure)
        }
        if let failure { continuation?.resume(throwing: failure) } else { continuation?.resume() }
    }

    /// Answers at once, whatever becomes of the batches.
    func giveUp(_ failure: any Error) {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(throwing: failure)
    }
}
