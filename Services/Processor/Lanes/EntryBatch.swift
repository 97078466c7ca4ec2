import EventStream
import HistoryStore
import Models
import Wire

/// Entries that are folded together. Pure.
struct EntryBatch {
    /// Of all entries.
    private(set) var events: [PlaybackEvent] = []
    /// What can never be applied.
    private(set) var deadLetters: [DeadLetter] = []

    init(_ entries: [StreamEntry]) {
        events.reserveCapacity(entries.reduce(0) { $0 + min($1.weight, PartitionBatch.maximalEvents) })
        for entry in entries {
            deadLetters += entry.decode(into: &events).map { DeadLetter(entry, reason: $0.reason, payload: $0.payload) }
        }
    }
}
