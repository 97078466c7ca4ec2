import EventStream
import Logging
import ServiceLifecycle

/// Shows this replica among the live ones for as long as it runs.
struct Heartbeat: Service {
    /// With a connection of its own, so that a long batch does not make the replica look dead.
    let consumer: GroupConsumer
    let logger: Logger
    private let interval: Duration = .seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await consumer.sendHeartbeat()
                } catch {
                    logger.debug("no heartbeat", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
        // Should this fail, the heartbeat runs out by itself.
        try? await consumer.leave()
    }
}
