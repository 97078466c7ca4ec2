import HistoryStore
import Metrics

/// What the processor counts.
struct ProcessorMetrics: Sendable {
    private let applied = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "applied")])
    private let duplicates = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "duplicate")])
    private let erased = Counter(label: "playhead_processor_events_total", dimensions: [("outcome", "erased")])
    private let dead = Counter(label: "playhead_processor_dead_letters_total")
    private let lostRaces = Counter(label: "playhead_processor_lost_races_total")
    private let applySeconds = Metrics.Timer(label: "playhead_processor_apply_seconds")
    /// Entries that this consumer had not finished when it died.
    let redelivered = Counter(label: "playhead_processor_redelivered_entries_total")
    /// Entries taken over from other consumers.
    let claimed = Counter(label: "playhead_processor_claimed_entries_total")

    func note(_ outcome: SessionApplier.Outcome, deadLetters: Int, took duration: Duration) {
        applied.increment(by: outcome.applied)
        duplicates.increment(by: outcome.duplicates)
        erased.increment(by: outcome.erased)
        dead.increment(by: deadLetters)
        lostRaces.increment(by: outcome.lostRaces)
        applySeconds.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }
}
