import CoreMetrics
import EventStream
import Logging
import ServiceLifecycle

/// Shows this replica among the live ones for as long as it runs, and learns who else is.
struct Heartbeat: Service {
    /// Over a connection of its own, so that a long batch does not make the replica look dead.
    let registry: ReplicaRegistry
    let membership: Membership
    let metrics: ProcessorMetrics
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await beat()
                try? await Task.sleep(for: ReplicaRegistry.heartbeatInterval)
            }
        }
        // Should this fail, the heartbeat runs out by itself.
        try? await registry.leave(membership.replica)
    }

    private func beat() async {
        do {
            let live = try await registry.heartbeat(of: membership.replica)
            metrics.replicas.record(live.count)
            if membership.update(live: live) {
                let share = membership.preferred.map(String.init).joined(separator: ",")
                logger.info("share of the partitions", metadata: ["partitions": "\(share)", "replicas": "\(live.count)"])
            }
        } catch {
            logger.debug("no heartbeat", metadata: ["error": "\(error)"])
            membership.updateUnknown()
        }
    }
}
