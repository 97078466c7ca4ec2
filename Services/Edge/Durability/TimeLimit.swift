import Synchronization

/// Waits for work that cannot be cancelled, but not for ever.
/// - Returns: its result; nil where it is not there in time. The work goes on then.
func result<Success: Sendable>(
    within limit: Duration, of work: @escaping @Sendable () async throws -> Success
) async -> Result<Success, any Error>? {
    let answer = OneAnswer<Success>()
    return await withCheckedContinuation { continuation in
        answer.expect(continuation)
        Task {
            do {
                answer.give(.success(try await work()))
            } catch {
                answer.give(.failure(error))
            }
        }
        Task {
            try? await Task.sleep(for: limit)
            answer.give(nil)
        }
    }
}

/// Of several answers, the first.
private final class OneAnswer<Success: Sendable>: Sendable {
    typealias Answer = Result<Success, any Error>?

    private let continuation = Mutex<CheckedContinuation<Answer, Never>?>(nil)

    func expect(_ continuation: CheckedContinuation<Answer, Never>) {
        self.continuation.withLock { $0 = continuation }
    }

    func give(_ answer: Answer) {
        continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }?.resume(returning: answer)
    }
}
