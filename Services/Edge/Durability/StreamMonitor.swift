import BlockingClient
import EventStream
import ServiceLifecycle
import Spool

/// Finds out whether Redis takes events: once a second while it seems to, and by probes while it does not.
struct StreamMonitor: Service {
    struct Options: Sendable {
        /// How long anything may take.
        var streamTimeout: Duration
        /// In percent of Redis' `maxmemory`.
        var memoryWatermark: Int
        /// What else must be found at the server.
        var checks: [ConnectionCheck]
    }

    /// Taken off the watermark while Redis is above it, so that it does not go to and fro.
    static let watermarkSlack = 5
    private static let interval = Duration.seconds(1)
    private static let tick = Duration.milliseconds(50)

    let condition: EdgeCondition
    let connection: RedisConnection
    let publication: SpoolPublication?
    let drain: SpoolDrain?
    let options: Options

    /// Ends with an error only where waiting cannot help, as with another number of partitions, and only before Redis has taken anything: a
    /// Redis that is replaced by a wrong one is trouble behind the edge, and the spool is there for that.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var isAboveWatermark = false
            var hasWorked = false
            var nextLook = ContinuousClock.now
            while !Task.isCancelled {
                let now = ContinuousClock.now
                let isProbe = condition.wantsProbe(at: now)
                if isProbe || now >= nextLook {
                    nextLook = now + Self.interval
                    if isProbe || condition.isTaking {
                        let error = await look(isProbe: isProbe, isAboveWatermark: &isAboveWatermark)
                        if let error, !hasWorked, (error as? RedisError)?.kind == .configuration { throw error }
                        hasWorked = hasWorked || error == nil
                    }
                    condition.report()
                }
                try? await Task.sleep(for: Self.tick)
            }
        }
    }

    /// - Returns: what is wrong.
    private func look(isProbe: Bool, isAboveWatermark: inout Bool) async -> (any Error)? {
        do {
            try await check(memoryBelow: options.memoryWatermark - (isAboveWatermark ? Self.watermarkSlack : 0))
            isAboveWatermark = false
            if isProbe {
                try await sendPortion()
                // A look that began before the gate opened says nothing of what opened it.
                condition.probeSucceeded()
            }
            return nil
        } catch {
            isAboveWatermark = (error as? RedisError)?.kind == .memory
            if isProbe { condition.probeFailed(error) } else { condition.failed(error) }
            return error
        }
    }

    private func check(memoryBelow watermark: Int) async throws {
        let began = ContinuousClock.now
        // Before anything else, so that it also tells of a Redis that is reached but not good enough.
        let published = await Self.outcome { try await publication?.publish() }
        if case .failure(let error as RedisError) = published, error.kind == .connection { throw error }
        for check in options.checks + [.memory(below: watermark)] { try await check.run(over: connection) }
        try published.get()
        guard .now - began <= options.streamTimeout else { throw TooSlow(limit: options.streamTimeout) }
    }

    /// Redis is back when it takes what waits: checks alone write nothing.
    private func sendPortion() async throws {
        guard let drain else { return }
        // A spool's disk that hangs, or fails, says nothing about Redis. The portion's own deadline is the stream timeout.
        let outcome = await result(within: options.streamTimeout * 2) { try await drain.sendPortion() }
        do {
            // Busy: one is still under way, which only a disk can hold up for so long.
            _ = try outcome?.get()
        } catch is SpoolError {
            // The drain meets it too, and says so.
        }
    }

    private static func outcome(_ work: () async throws -> Void) async -> Result<Void, any Error> {
        do {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}

/// Redis works, but too slowly.
struct TooSlow: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "redis: an answer took longer than \(limit)" }
}
