import CoreMetrics
import EventStream
import Metrics
import Synchronization

/// Watches what the streams keep in Redis, and for whom.
final class StreamPressure: Sendable {
    let topology: StreamTopology
    let connection: RedisConnection
    /// Percent of Redis' `maxmemory`.
    let watermark: Int

    /// Groups that were there the last time.
    private let seen = Mutex<Set<String>>([])
    private let used = Gauge(label: "playhead_compactor_redis_used_bytes")
    private let limit = Gauge(label: "playhead_compactor_redis_max_bytes")

    init(topology: StreamTopology, connection: RedisConnection, watermark: Int) {
        self.topology = topology
        self.connection = connection
        self.watermark = watermark
    }

    /// Redis is above the watermark, and this is why.
    struct Trouble: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: ``Trouble`` above the watermark; ``RedisError``
    func look() async throws {
        let memory = try await RedisMemory(over: connection)
        if let known = memory.known {
            used.record(known.used)
            limit.record(known.limit)
        }
        var backlogs = try await GroupRegistry(topology: topology, connection: connection).backlogs()
        let pinning = memory.isAbove(watermark) ? GroupBacklog.pinning(backlogs) : nil
        // A group that is retired no longer needs anything.
        let gone = seen.withLock { seen in
            defer { seen = Set(backlogs.map(\.group)) }
            return seen.subtracting(backlogs.map(\.group))
        }
        for group in gone { backlogs.append(GroupBacklog(group: group, partitions: [])) }
        for backlog in backlogs {
            let name = [("group", backlog.group)]
            Gauge(label: "playhead_compactor_group_oldest_needed_age_seconds", dimensions: name).record(
                Double(backlog.oldestAgeMs ?? 0) / 1000)
            Gauge(label: "playhead_compactor_group_pins_memory", dimensions: name).record(backlog == pinning ? 1 : 0)
        }
        guard memory.isAbove(watermark) else { return }
        throw Trouble(description: "Redis uses more than \(watermark) % of its maxmemory" + (pinning.map { ": \($0.warning)" } ?? ""))
    }
}
