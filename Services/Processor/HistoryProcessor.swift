import CoreMetrics
import EventStream
import HistoryStore
import Logging
import Metrics
import ServiceKit
import ServiceLifecycle

/// Reads a consumer group, applies what it reads, acknowledges what is committed.
///
/// Several run at once without knowing of each other: Redis gives every entry to one of them, and the guarded write keeps them
/// apart where a member's events went to two. An entry is acknowledged after COMMIT only, so a crash anywhere repeats work, and
/// the fold makes repetition harmless.
struct HistoryProcessor: Service {
    struct Options: Sendable {
        /// Entries of each partition at once.
        var readCount: Int
        /// How long another consumer may hold an entry before it is taken over.
        var claimIdle: Duration
        /// How long a read waits for new entries. A stop waits as long.
        var block: Duration = .milliseconds(500)
    }

    let consumer: GroupConsumer
    let monitor: RedisConnection
    let applier: SessionApplier
    let options: Options
    let persistence: Persistence
    let metrics = ProcessorMetrics()
    let logger: Logger

    func run() async throws {
        guard try await join(), await applyOwnPending() else { return }
        logger.info("consuming", metadata: ["group": "\(consumer.group)", "consumer": "\(consumer.name)"])
        var nextSweep = ContinuousClock.now + options.claimIdle
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            guard await applyNext() else { return }
            if ContinuousClock.now >= nextSweep {
                guard await sweep() else { return }
                nextSweep = .now + options.claimIdle / 2
            }
        }
    }

    /// - Returns: false when the service stops before.
    /// - Throws: ``RedisError`` where the streams were made with another number of partitions.
    private func join() async throws -> Bool {
        let disagreement = await persistence.until("redis") { () async throws(RedisError) -> RedisError? in
            do throws(RedisError) {
                try await consumer.topology.agree(over: monitor)
            } catch let error where error.kind == .configuration {
                return error
            }
            try await consumer.join()
            return nil
        }
        guard let disagreement else { return false }
        if let error = disagreement { throw error }
        return true
    }

    /// Waits for new entries and applies them.
    /// - Returns: false when the service stops before.
    private func applyNext() async -> Bool {
        var isInterrupted = false
        let entries = await persistence.until("redis") { () async throws(RedisError) -> [StreamEntry] in
            do throws(RedisError) {
                let entries = try await rejoining { () async throws(RedisError) in
                    try await consumer.read(count: options.readCount, block: options.block)
                }
                // Only ever set: an attempt that succeeds does not undo what a failed one may have left pending.
                if entries == nil { isInterrupted = true }
                return entries ?? []
            } catch {
                isInterrupted = true
                throw error
            }
        }
        guard let entries, await apply(entries) else { return false }
        // What was delivered into a connection that broke is pending under this name, and nobody else looks for it soon.
        return isInterrupted ? await applyOwnPending() : true
    }

    /// Streams that lost their group, as after a Redis that came back empty, get it again.
    /// - Returns: nil where they had.
    private func rejoining<Result>(_ work: () async throws(RedisError) -> Result) async throws(RedisError) -> Result? {
        do throws(RedisError) {
            return try await work()
        } catch let error where error.kind == .server(code: "NOGROUP") {
            try await consumer.topology.agree(over: monitor)
            try await consumer.join()
            return nil
        }
    }

    /// What an earlier process of this name had read and not finished.
    /// - Returns: false when the service stops before.
    private func applyOwnPending() async -> Bool {
        var positions = Array(repeating: StreamEntryID(milliseconds: 0, sequence: 0), count: consumer.topology.partitions)
        while true {
            let position = positions
            let entries = await persistence.until("redis") { () async throws(RedisError) -> [StreamEntry] in
                try await rejoining { () async throws(RedisError) in
                    try await consumer.pending(after: position, count: options.readCount)
                } ?? []
            }
            guard let entries else { return false }
            if entries.isEmpty { return true }
            metrics.redelivered.increment(by: entries.count)
            guard await apply(entries) else { return false }
            for entry in entries { positions[entry.partition] = max(positions[entry.partition], entry.id) }
        }
    }

    /// Takes over what others hold for too long.
    /// - Returns: false when the service stops before.
    private func sweep() async -> Bool {
        for partition in 0..<consumer.topology.partitions {
            var cursor: StreamEntryID? = StreamEntryID(milliseconds: 0, sequence: 0)
            while let from = cursor {
                let claimed = await persistence.until("redis") { () async throws(RedisError) in
                    try await rejoining { () async throws(RedisError) in
                        try await consumer.claim(partition: partition, idleFor: options.claimIdle, count: options.readCount, from: from)
                    } ?? (entries: [], next: nil)
                }
                guard let claimed else { return false }
                if !claimed.entries.isEmpty {
                    metrics.claimed.increment(by: claimed.entries.count)
                    logger.info("took over entries", metadata: ["partition": "\(partition)", "entries": "\(claimed.entries.count)"])
                    guard await apply(claimed.entries) else { return false }
                }
                cursor = claimed.next
            }
        }
        return true
    }

    /// Commits, then acknowledges. What was begun is finished even when the service is stopping, unless a server is away.
    /// - Returns: false when the service stops before; the entries then stay pending.
    private func apply(_ entries: [StreamEntry]) async -> Bool {
        for (index, batch) in EntryBatch.batches(of: entries).enumerated() {
            // A stop waits for one transaction, not for all of a long read: the rest stays pending.
            if index > 0, Task.isShuttingDownGracefully || Task.isCancelled { return false }
            let deadLetters = batch.deadLetters
            let began = ContinuousClock.now
            let outcome = await persistence.until("postgres") { () async throws(PostgresError) in
                try await applier.apply(batch.events, deadLetters: deadLetters)
            }
            guard let outcome else { return false }
            metrics.note(outcome, deadLetters: deadLetters.count, took: .now - began)
            for letter in deadLetters {
                logger.error(
                    "dead letter", metadata: ["stream": "\(letter.stream)", "entry": "\(letter.entryID)", "reason": "\(letter.reason)"])
            }
            let acknowledged: Void? = await persistence.until("redis") { () async throws(RedisError) in
                try await consumer.acknowledge(batch.entries)
            }
            if acknowledged == nil { return false }
        }
        return true
    }
}
