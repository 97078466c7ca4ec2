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

    /// Cuts entries, in their order, into parts of at most so many events; one entry is never cut.
    static func parts(of entries: [StreamEntry], events limit: Int) -> [[StreamEntry]] {
        var parts: [[StreamEntry]] = []
        var weight = limit
        for entry in entries {
            if weight + entry.weight > limit {
                parts.append([])
                weight = 0
            }
            parts[parts.count - 1].append(entry)
            weight += entry.weight
        }
        return parts
    }

    init(_ entries: [StreamEntry]) {
        events.reserveCapacity(entries.reduce(0) { $0 + $1.weight })
        for entry in entries {
            deadLetters += entry.decode(into: &events).map { DeadLetter(entry, reason: $0.reason, payload: $0.payload) }
        }
    }
}
