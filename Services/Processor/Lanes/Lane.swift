import CoreMetrics
import EventStream
import HistoryStore
import Logging
import ServiceKit
import ServiceLifecycle

/// One of the parallel parts of a processor: a share of the partitions, with connections and a cache of its own.
///
/// Lanes overlap one's waiting for PostgreSQL with another's folding. A partition belongs to the same lane of a process always, so
/// lanes never meet on a session. Processes may, and the guarded write keeps them apart. An entry is acknowledged after COMMIT
/// only, so a crash anywhere repeats work, and the fold makes repetition harmless.
actor Lane: Service {
    struct Options: Sendable {
        /// Which of how many lanes.
        var index: Int
        var count: Int
        /// Events that are folded together at most; the last entry may exceed it.
        var batchEvents: Int
        /// How long another consumer may hold an entry before it is taken over.
        var claimIdle: Duration
        /// How long a read waits for new entries. A stop waits as long.
        var block: Duration = .milliseconds(500)
        /// How often abandoned entries are looked for.
        var claimInterval: Duration { min(claimIdle / 2, .seconds(1)) }
        /// After an attempt that was refused while the breaker is open.
        var trialInterval: Duration = .seconds(3)
    }

    let options: Options
    let reader: LaneReader
    let applier: EntryApplier
    let isolation: Isolation
    let breaker: PoisonBreaker
    let readiness: Readiness
    let persistence: Persistence
    let metrics: ProcessorMetrics
    let logger: Logger
    private var pausesBeforeTrial = true

    init(
        options: Options, reader: LaneReader, applier: EntryApplier, isolation: Isolation, breaker: PoisonBreaker, readiness: Readiness,
        persistence: Persistence, metrics: ProcessorMetrics, logger: Logger
    ) {
        self.options = options
        self.reader = reader
        self.applier = applier
        self.isolation = isolation
        self.breaker = breaker
        self.readiness = readiness
        self.persistence = persistence
        self.metrics = metrics
        self.logger = logger
    }

    /// - Throws: ``RedisError`` where the streams were made with another number of partitions.
    func run() async throws {
        var disagreement: RedisError?
        do throws(Interruption) {
            disagreement = try await reader.join()
            if disagreement == nil {
                logger.info("consuming", metadata: ["lane": "\(options.index)", "consumer": "\(reader.consumer.name)"])
                try await consume()
            }
        } catch {
            // A stop. What is not committed stays pending; so does what cannot be acknowledged at the first attempt.
            try? await reader.acknowledgeDone()
        }
        if let disagreement { throw disagreement }
    }

    /// How soon a lane takes entries again after it could not have written them.
    private static let attention: Duration = .milliseconds(20)

    private func consume() async throws(Interruption) {
        // At the start: what an earlier process of this name had not finished.
        var holdsPending = true
        var nextClaim = ContinuousClock.now + options.claimInterval
        while true {
            try Persistence.requireRunning()
            do throws(Interruption) {
                if breaker.isOpen {
                    try await reader.acknowledgeDone()
                    try await tryOne()
                    holdsPending = true
                    continue
                }
                if holdsPending {
                    try await reader.acknowledgeDone()
                    try await applyOwnPending()
                    holdsPending = false
                }
                guard readiness.isWorking else {
                    try await reader.acknowledgeDone()
                    try? await Task.sleep(for: Self.attention)
                    continue
                }
                let taken = try await reader.takeNew()
                try await apply(taken)
                await reader.acknowledgeWithNextRead(taken)
                if ContinuousClock.now >= nextClaim {
                    try await reader.acknowledgeDone()
                    try await applyAbandoned()
                    nextClaim = .now + options.claimInterval
                }
                holdsPending = await reader.takeWasInterrupted()
            } catch {
                guard error == .tooMuchPoison else { throw error }
                holdsPending = true
            }
        }
    }

    private func applyOwnPending() async throws(Interruption) {
        for partition in reader.partitions {
            var position = StreamEntryID.zero
            while true {
                let entries = try await reader.pending(partition: partition, after: position)
                guard let last = entries.last else { break }
                metrics.redelivered.increment(by: entries.count)
                try await applyRedelivered(entries)
                position = last.id
            }
        }
    }

    /// Takes over what others hold for too long.
    private func applyAbandoned() async throws(Interruption) {
        // Whoever holds entries then waits like us; taking them from each other would help nobody.
        guard readiness.isWorking else { return }
        for partition in reader.partitions {
            var cursor: StreamEntryID? = .zero
            while let from = cursor {
                let claimed = try await reader.claim(partition: partition, idleFor: options.claimIdle, from: from)
                if !claimed.entries.isEmpty {
                    metrics.claimed.increment(by: claimed.entries.count)
                    logger.info("took over entries", metadata: ["partition": "\(partition)", "entries": "\(claimed.entries.count)"])
                    try await applyRedelivered(claimed.entries)
                }
                cursor = claimed.next
            }
        }
    }

    /// What was delivered too often is processed alone, after the rest.
    private func applyRedelivered(_ entries: [StreamEntry]) async throws(Interruption) {
        let deliveries = try await reader.deliveries(of: entries)
        let suspects = zip(entries, deliveries).filter { $1 > Isolation.harmlessDeliveries }.map(\.0)
        let others = zip(entries, deliveries).filter { $1 <= Isolation.harmlessDeliveries }.map(\.0)
        try await apply(others)
        try await reader.acknowledge(others)
        for suspect in suspects {
            let verdict = try await isolation.process(suspect) { entry throws(PostgresError) in try await applier.apply([entry]) }
            switch verdict {
            case .applied: try await reader.acknowledge([suspect])
            case .tooMuchPoison: throw .tooMuchPoison
            case .stopped: throw .stopping
            }
        }
    }

    /// Returns once everything is committed. What was begun is finished even when the service is stopping, unless a server is away.
    private func apply(_ entries: [StreamEntry]) async throws(Interruption) {
        guard !entries.isEmpty else { return }
        var rest = entries[...]
        let verdict = try await persistence.until("postgres") { () async throws(PostgresError) in
            try await applier.apply(Array(rest)) { part in
                // What takes this long is acknowledged as it goes, before another replica takes it over.
                guard (try? await reader.acknowledge(part)) != nil else { return false }
                rest = rest.dropFirst(part.count)
                return (try? Persistence.requireRunning()) != nil
            }
        }
        switch verdict {
        case .applied: return
        case .tooMuchPoison: throw .tooMuchPoison
        case .stopped: throw .stopping
        }
    }

    /// While the breaker is open: one entry, another each time, with a pause after each that is refused, until one goes through and changes
    /// something.
    ///
    /// A repetition proves nothing, as it writes nothing. Alone behind a mark, as any of them may be the one that its readers die of.
    private func tryOne() async throws(Interruption) {
        if pausesBeforeTrial { try? await Task.sleep(for: options.trialInterval) }
        pausesBeforeTrial = true
        try Persistence.requireRunning()
        guard breaker.isOpen, let entry = try await reader.nextToTry() else { return }
        let verdict = try await isolation.process(entry) { entry throws(PostgresError) in try await applier.tryOut(entry) }
        guard case .applied(let writtenRows) = verdict else {
            if case .stopped = verdict { throw .stopping }
            return
        }
        try await reader.acknowledge([entry])
        guard writtenRows > 0 else {
            pausesBeforeTrial = false
            return
        }
        breaker.close()
        logger.notice("an entry went through: all are taken again")
    }
}
