import EventStream
import HistoryStore
import Models
import Wire

extension DeadLetter {
    /// A part of an entry that does not decode.
    init(_ entry: StreamEntry, reason: String, payload: [UInt8]) {
        self.init(stream: StreamNames.events(entry.partition), entryID: entry.id.description, reason: reason, payload: payload)
    }

    /// A whole entry, not decoded.
    init(_ entry: StreamEntry, reason: String) {
        switch entry.content {
        case .batch(let payload, _), .foreign(let payload): self.init(entry, reason: reason, payload: payload)
        case .deleted: self.init(entry, reason: reason, payload: [])
        }
    }

    /// An event that the database refuses.
    init(_ event: PlaybackEvent, of entry: StreamEntry, refusedBy error: PostgresError) {
        self.init(entry, reason: error.message, payload: WireEvents.encode([event]))
        sqlState = error.sqlState
        key = event.key
    }
}
