import CoreMetrics
import EventStream
import Logging
import ServiceKit
import ServiceLifecycle

/// Shows this replica among the live ones, and learns who else is. One that cannot work leaves its share to the others.
///
/// Over a connection of its own, so that a long batch does not make the replica look dead.
struct Heartbeat: Service {
    let group: String
    let membership: Membership
    let marks: IsolationMarks
    let connection: RedisConnection
    let readiness: Readiness
    let metrics: ProcessorMetrics
    let logger: Logger

    /// How soon a replica that can work again, or cannot any more, says so.
    private static let attention: Duration = .milliseconds(50)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isWorking = readiness.isWorking
                await beat(isWorking)
                let next = ContinuousClock.now + ReplicaRegistry.heartbeatInterval
                while .now < next, readiness.isWorking == isWorking, !Task.isCancelled { try? await Task.sleep(for: Self.attention) }
            }
        }
        // Should this fail, the heartbeat runs out by itself.
        for role in ReplicaRegistry.Role.allCases { try? await registry(role).leave(membership.replica) }
    }

    private func registry(_ role: ReplicaRegistry.Role) -> ReplicaRegistry {
        ReplicaRegistry(group: group, role: role, connection: connection)
    }

    private func beat(_ isWorking: Bool) async {
        do {
            try await marks.showLife(over: connection)
        } catch {
            logger.debug("no sign of life", metadata: ["error": "\(error)"])
        }
        do {
            try await registry(isWorking ? .waiting : .taking).leave(membership.replica)
            if !isWorking { _ = try await registry(.waiting).heartbeat(of: membership.replica) }
            let taking = registry(.taking)
            let live = try await isWorking ? taking.heartbeat(of: membership.replica) : taking.live()
            metrics.replicas.record(live.count)
            try await taking.tell(metrics.work.take(), of: membership.replica)
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
