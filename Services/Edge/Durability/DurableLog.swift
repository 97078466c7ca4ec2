import Batching
import BlockingClient
import EventStream
import Models
import Spool

/// Where accepted events are made durable: the streams, else the spool.
struct DurableLog: Sendable {
    private let appender: StreamAppender
    private let spool: Spool?
    private let condition: EdgeCondition
    private let partitions: Int
    private let streamTimeout: Duration

    /// - Parameters:
    ///   - spool: nil for none: events that the streams do not take are refused.
    ///   - streamTimeout: how long a request waits for Redis at most, before its events are spooled.
    init(appender: StreamAppender, spool: Spool?, condition: EdgeCondition, partitions: Int, streamTimeout: Duration) {
        self.appender = appender
        self.spool = spool
        self.condition = condition
        self.partitions = partitions
        self.streamTimeout = streamTimeout
    }

    /// How much of what arrives the spool takes; nothing without one.
    var spoolLevel: SpoolUsage.Level { spool?.usage.level ?? .nothing }

    /// - Parameter deadline: of the request. At most half of what is left of it is spent.
    /// - Returns: whether all events are in the streams, and on Redis' disk.
    func appendToStreams(_ events: [PlaybackEvent], deadline: ContinuousClock.Instant) async -> Bool {
        guard condition.isTaking else { return false }
        let now = ContinuousClock.now
        do {
            try await appender.append(batches(of: events), deadline: now + min(streamTimeout, (deadline - now) / 2))
            return true
        } catch {
            if Self.isTroubleOfRedis(error) { condition.failed(error) }
            return false
        }
    }

    /// Returns once the events are on disk.
    /// - Throws: ``SpoolError`` or ``CommitFailure``, also where there is no spool.
    func appendToSpool(_ events: [PlaybackEvent], deadline: ContinuousClock.Instant) async throws {
        guard let spool else { throw CommitFailure.turnedAway }
        try await spool.append(batches(of: events), deadline: deadline)
    }

    private func batches(of events: [PlaybackEvent]) -> [PartitionBatch] {
        PartitionBatch.batches(of: events, partitions: partitions)
    }

    /// Whether a failed append says that others would fail too.
    static func isTroubleOfRedis(_ error: any Error) -> Bool {
        switch error {
        // Others see for themselves whether theirs take too long.
        case CommitFailure.full, CommitFailure.turnedAway: false
        default: !isRefusal(error)
        }
    }

    /// Whether Redis refused an entry because of its stream, whose key holds something else: other entries may go. Whatever else it refuses
    /// (a right, a command) it refuses to all.
    static func isRefusal(_ error: any Error) -> Bool {
        (error as? RedisError)?.kind == .server(code: "WRONGTYPE")
    }
}
