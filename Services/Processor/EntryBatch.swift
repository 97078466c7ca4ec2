import EventStream
import HistoryStore
import Models

/// Entries that are applied in one transaction. Pure.
struct EntryBatch {
    /// Of one transaction: enough to share its costs, few enough to keep it under a second.
    static let maximalEvents = 4096

    let entries: [StreamEntry]

    /// All events, for one fold.
    var events: [PlaybackEvent] {
        entries.flatMap { entry -> [PlaybackEvent] in
            if case .events(let events) = entry.content { events } else { [] }
        }
    }

    /// What can never be applied.
    var deadLetters: [DeadLetter] {
        entries.compactMap { entry in
            guard case .undecodable(let reason, let payload) = entry.content else { return nil }
            return DeadLetter(
                stream: StreamNames.events(entry.partition), entryID: entry.id.description, reason: reason, payload: payload)
        }
    }

    /// Cuts what was read into batches; an entry is never cut.
    static func batches(of entries: [StreamEntry]) -> [EntryBatch] {
        var batches: [EntryBatch] = []
        var open: [StreamEntry] = []
        var eventCount = 0
        for entry in entries {
            open.append(entry)
            if case .events(let events) = entry.content { eventCount += events.count }
            if eventCount >= maximalEvents {
                batches.append(EntryBatch(entries: open))
                open = []
                eventCount = 0
            }
        }
        if !open.isEmpty { batches.append(EntryBatch(entries: open)) }
        return batches
    }
}
