import HistoryFormats
import HistoryStore
import JSONBytes

/// A page of history.
enum HistoryAnswer {
    /// About what a session takes.
    private static let sessionBytes = 320

    static func json(_ sessions: [StoredSession], nextCursor: String?) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(64 + sessions.count * sessionBytes)
        json.append(json: #"{"items":"#)
        json.append(list: sessions) { SessionJSON.append($0, to: &$1) }
        if let nextCursor {
            json.append(json: #","nextCursor":"#)
            json.append(quoted: nextCursor)
        }
        json.append(json: "}")
        return json
    }
}
