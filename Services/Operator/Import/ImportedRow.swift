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
    /// - Parameter watchedMs: how long it was watched; nil where that is what the two ends say. Who watched for longer than the place where it
    ///   was left has gone back.
    /// - Throws: ``EventFault`` where the row's values break a limit of events.
    static func events(
        member: OpaqueID, session: OpaqueID, title: OpaqueID, from start: (at: Timestamp, positionMs: Int64),
        to stop: (at: Timestamp, positionMs: Int64), watchedMs: Int64? = nil, deviceType: String?
    ) throws(EventFault) -> [PlaybackEvent] {
        var events = [(Int64(0), EventKind.start, start), (1, .stop, stop)].map { seq, kind, end in
            PlaybackEvent(
                memberId: member, sessionId: session, seq: seq, kind: kind, titleId: title, positionMs: end.positionMs,
                occurredAt: end.at, deviceType: deviceType)
        }
        if let watchedMs, watchedMs > stop.positionMs - start.positionMs {
            var back = events[1]
            back.kind = .seek
            back.fromPositionMs = start.positionMs + watchedMs
            events[1].seq = 2
            events.insert(back, at: 1)
        }
        for event in events { try event.validateContent() }
        return events
    }
}
