import BlockingClient
import Logging
import ServiceKit
import ServiceLifecycle

/// Tries until it works: a server that is away, or refuses, is waited for, however long it takes.
///
/// Nothing is counted against the work meanwhile. The trouble stands on `/readyz`, and in the log once when it begins and
/// once when it ends.
struct Persistence: Sendable {
    let readiness: Readiness
    let logger: Logger
    /// The longest wait, well under the time that a graceful stop has.
    private let longestWait: Duration = .seconds(2)

    /// - Parameter part: the name of the server in `/readyz`.
    /// - Returns: the result of `work`, or nil when the service stops before it succeeded.
    func until<Failure: ClassifiedError, Result>(
        _ part: String, _ work: () async throws(Failure) -> Result
    ) async -> Result? {
        var backoff = Backoff(limit: longestWait)
        while true {
            do {
                let result = try await work()
                if let trouble = readiness.works(part), backoff.failures > 0 {
                    logger.notice("works again", metadata: ["part": "\(part)", "after": "\(trouble.reason)"])
                }
                return result
            } catch {
                if backoff.failures == 0 { logger.warning("waiting", metadata: ["part": "\(part)", "for": "\(error)"]) }
                readiness.fails(part, "\(error)")
            }
            // Checked after the first attempt: what was taken is finished even when the service is stopping.
            if Task.isShuttingDownGracefully || Task.isCancelled { return nil }
            try? await Task.sleep(for: backoff.next())
        }
    }
}
