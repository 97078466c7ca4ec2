import EventStream
import HistoryStore
import Models

/// Entries that are folded together. Pure.
struct EntryBatch {
    /// Of all entries.
    private(set) var events: [PlaybackEvent] = []
    /// What can never be applied.
    private(set) var deadLetters: [DeadLetter] = []

    init(_ entries: [StreamEntry]) {
        for entry in entries {
            let decoded = entry.decoded()
            events += decoded.events
            deadLetters += decoded.undecodable.map { DeadLetter(entry, reason: $0.reason, payload: $0.payload) }
        }
    }
}
