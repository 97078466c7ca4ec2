import EventStream
import HistoryStore

extension DeadLetter {
    /// A part of an entry that does not decode.
    init(_ entry: StreamEntry, reason: String, payload: [UInt8]) {
        self.init(stream: entry.stream, entryID: entry.id.description, reason: reason, payload: payload)
    }

    /// A whole entry, not decoded.
    init(_ entry: StreamEntry, reason: String) {
        switch entry.content {
        case .batch(let payload, _), .foreign(let payload): self.init(entry, reason: reason, payload: payload)
        case .deleted: self.init(entry, reason: reason, payload: [])
        }
    }
}
