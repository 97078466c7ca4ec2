import CoreMetrics
import EventStream
import Logging
import ServiceLifecycle

/// Shows this replica among the live ones for as long as it takes entries, and learns who else is.
///
/// Over a connection of its own, so that a long batch does not make the replica look dead.
struct Heartbeat: Service {
    let registry: ReplicaRegistry
    let membership: Membership
    let marks: IsolationMarks
    let connection: RedisConnection
    let breaker: PoisonBreaker
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
            try await marks.showLife(over: connection)
            // One that takes nothing leaves its share to the others.
            if breaker.isOpen { try await registry.leave(membership.replica) }
            let live = try await breaker.isOpen ? registry.live() : registry.heartbeat(of: membership.replica)
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
