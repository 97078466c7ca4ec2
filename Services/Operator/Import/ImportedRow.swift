import Models

/// One row of an export: a session to send, or why there is none.
struct ImportedRow: Sendable {
    enum Content: Sendable {
        case events([PlaybackEvent])
        /// Left out on purpose.
        case skipped
        /// Another report of the play that the row at `line` reports more fully.
        case repeats(line: Int)
        case bad(reason: String)
    }

    /// Where the row begins in the file, from 1.
    let line: Int
    let content: Content
}

/// What imports have in common.
enum ImportedSession {
    /// A session's id from what identifies the play in the export, so that it is the same session whenever it is imported.
    static func id(service: String, identity row: [String]) -> OpaqueID {
        // The separator keeps ["ab", "c"] and ["a", "bc"] apart.
        let text = row.joined(separator: "\u{1f}")
        let halves = ["\(service)/a", "\(service)/b"].map { purpose in
            let hex = String(StableHash.fnv1a(purpose: purpose, text), radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }
        return OpaqueID("\(service)-\(halves.joined())")
    }

    /// A play from its two ends.
    /// - Throws: ``EventFault`` where the row's values break a limit of events.
    static func events(
        member: OpaqueID, session: OpaqueID, title: OpaqueID, from start: (at: Timestamp, positionMs: Int64),
        to stop: (at: Timestamp, positionMs: Int64), deviceType: String?
    ) throws(EventFault) -> [PlaybackEvent] {
        let events = [(Int64(0), EventKind.start, start), (1, .stop, stop)].map { seq, kind, end in
            PlaybackEvent(
                memberId: member, sessionId: session, seq: seq, kind: kind, titleId: title, positionMs: end.positionMs,
                occurredAt: end.at, deviceType: deviceType)
        }
        for event in events { try event.validateContent() }
        return events
    }
}
