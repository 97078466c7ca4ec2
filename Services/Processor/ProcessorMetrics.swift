import CoreMetrics
import HistoryStore
import Metrics
import Models

/// What the processor counts and measures. docs/operations.md has a line for each.
struct ProcessorMetrics: Sendable {
    private let applied = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "applied")])
    private let duplicates = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "duplicate")])
    private let erased = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "erased")])
    private let expired = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "expired")])
    /// Dead letters: events, or entries that do not decode.
    let dead = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "dead")])
    private let written = Counter(label: "playhead_processor_guarded_writes_total", dimensions: [("outcome", "written")])
    private let lost = Counter(label: "playhead_processor_guarded_writes_total", dimensions: [("outcome", "lost")])
    private let cacheHits = Counter(label: "playhead_processor_session_lookups_total", dimensions: [("found", "cache")])
    private let databaseReads = Counter(label: "playhead_processor_session_lookups_total", dimensions: [("found", "database")])
    private let broughtBack = Counter(label: "playhead_processor_brought_back_sessions_total")
    private let batchEvents = Recorder(label: "playhead_processor_batch_events", aggregate: true)
    private let writeSeconds = Metrics.Timer(label: "playhead_processor_write_seconds")
    private let applyDelay = Metrics.Timer(label: "playhead_processor_apply_delay_seconds")
    /// Changes of sessions, told to the followers of the history.
    let announced = Counter(label: "playhead_processor_announced_changes_total")
    /// Entries that this consumer had not finished when it died.
    let redelivered = Counter(label: "playhead_processor_redelivered_entries_total")
    /// Entries taken over from other consumers.
    let claimed = Counter(label: "playhead_processor_claimed_entries_total")
    /// Entries processed alone, as they were delivered too often.
    let isolated = Counter(label: "playhead_processor_isolated_entries_total")
    /// 1 while nothing is taken because too much would become dead letters.
    let breakerOpen = Gauge(label: "playhead_processor_poison_breaker_open")
    /// Live processors of the group, this one included.
    let replicas = Gauge(label: "playhead_processor_replicas")

    /// The same for who looks at all replicas together.
    let work = WorkMeter()

    init() {
        breakerOpen.record(0)
    }

    func note(_ outcome: SessionApplier.Outcome, took duration: Duration) {
        applied.increment(by: outcome.applied)
        duplicates.increment(by: outcome.duplicates)
        erased.increment(by: outcome.erased)
        expired.increment(by: outcome.expired)
        broughtBack.increment(by: outcome.broughtBack)
        written.increment(by: outcome.writtenRows)
        lost.increment(by: outcome.lostRaces)
        cacheHits.increment(by: outcome.cacheHits)
        databaseReads.increment(by: outcome.loadedRows)
        batchEvents.record(outcome.applied + outcome.duplicates + outcome.erased + outcome.expired)
        writeSeconds.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    /// - Parameter committedAt: by this machine's clock, in milliseconds since 1970.
    func noteDelays(of events: [PlaybackEvent], committedAt: Timestamp) {
        // Clocks of two machines may differ a little.
        let delays = events.map { max(committedAt - $0.receivedAt, 0) }
        for delay in delays { applyDelay.recordMilliseconds(delay) }
        work.note(delays)
    }
}
