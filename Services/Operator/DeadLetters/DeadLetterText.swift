import Foundation
import HistoryStore
import Models
import Wire

/// Dead letters as text. Pure.
enum DeadLetterText {
    /// One line of the list.
    static func line(_ record: DeadLetterStore.Record, payload: Bool) -> String {
        let letter = record.letter
        var parts = [String(record.id), RFC3339.format(record.createdAt), letter.stream, letter.entryID]
        if payload, let key = letter.key { parts.append("member \(key.memberId) session \(key.sessionId)") }
        parts.append(reason(of: letter))
        return parts.joined(separator: "  ")
    }

    /// Everything about one letter.
    static func page(_ record: DeadLetterStore.Record, payload: Bool) -> [String] {
        let letter = record.letter
        var lines = [
            "id         \(record.id)",
            "set aside  \(RFC3339.format(record.createdAt))",
            "entry      \(letter.entryID) of \(letter.stream)",
            "reason     \(reason(of: letter))",
        ]
        guard payload else { return lines + ["payload    \(letter.payload.count) bytes (--payload shows them)"] }
        if let events = try? WireEvents.decode(letter.payload) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            lines += events.compactMap { try? String(decoding: encoder.encode(OutgoingEvent($0)), as: UTF8.self) }
        } else {
            lines.append(letter.payload.map { String(format: "%02x", $0) }.joined())
        }
        return lines
    }

    private static func reason(of letter: DeadLetter) -> String {
        letter.sqlState.map { "\(letter.reason) (SQLSTATE \($0))" } ?? letter.reason
    }
}
