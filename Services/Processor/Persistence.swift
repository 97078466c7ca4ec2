import BlockingClient
import Logging
import ServiceKit
import ServiceLifecycle

/// Why a lane leaves what it was doing. The entries that it holds stay pending.
enum Interruption: Error {
    /// The service stops.
    case stopping
    /// Too much would become a dead letter.
    case tooMuchPoison
}

/// Tries until it works: a server that is away, or refuses, is waited for, however long it takes.
///
/// Nothing is counted against the work meanwhile. The trouble stands on `/readyz`, and in the log once when it begins and
/// once when it ends.
struct Persistence: Sendable {
    let readiness: Readiness
    let logger: Logger
    /// Who waits: each lane has connections, and so troubles, of its own.
    let lane: Int
    /// The longest wait, well under the time that a graceful stop has.
    private static let longestWait: Duration = .seconds(2)

    /// The names in `/readyz` of what a lane waits for.
    static func part(_ server: String, lane: Int) -> String { "\(server)-\(lane)" }

    /// - Parameter server: what `work` needs.
    /// - Returns: the result of `work`.
    /// - Throws: ``Interruption/stopping`` when the service stops before it succeeded.
    func until<Failure: ClassifiedError, Result>(
        _ server: String, _ work: () async throws(Failure) -> Result
    ) async throws(Interruption) -> Result {
        var backoff = backoff
        while true {
            do {
                let result = try await work()
                noteWorking(server, after: backoff)
                return result
            } catch {
                try await wait(for: server, after: error, &backoff)
            }
        }
    }

    /// The same for what a stop should not leave undone: tried for some seconds more before it gives up.
    /// - Throws: ``Interruption/stopping``
    func untilOrPatienceEnds<Failure: ClassifiedError>(
        _ server: String, _ work: () async throws(Failure) -> Void
    ) async throws(Interruption) {
        let end = ContinuousClock.now + Self.patience
        while true {
            do throws(Interruption) {
                return try await until(server, work)
            } catch {
                guard ContinuousClock.now < end, !Task.isCancelled else { throw error }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Well under the time that a graceful stop has.
    private static let patience: Duration = .seconds(4)

    /// Of one wait, from its first failure on.
    var backoff: Backoff { Backoff(limit: Self.longestWait) }

    func noteWorking(_ server: String, after backoff: Backoff) {
        let part = Self.part(server, lane: lane)
        if let trouble = readiness.works(part), backoff.failures > 0 {
            logger.notice("works again", metadata: ["part": "\(part)", "after": "\(trouble.reason)"])
        }
    }

    /// Notes a failure and waits for the time of the next attempt.
    /// - Throws: ``Interruption/stopping`` instead of waiting. What was taken is finished even when the service is stopping, if the first
    ///   attempt succeeds.
    func wait(for server: String, after error: any Error, _ backoff: inout Backoff) async throws(Interruption) {
        let part = Self.part(server, lane: lane)
        if backoff.failures == 0 { logger.warning("waiting", metadata: ["part": "\(part)", "for": "\(error)"]) }
        readiness.fails(part, "\(error)")
        try Self.requireRunning()
        try? await Task.sleep(for: backoff.next())
    }

    /// - Throws: ``Interruption/stopping``
    static func requireRunning() throws(Interruption) {
        if Task.isShuttingDownGracefully || Task.isCancelled { throw .stopping }
    }
}
