import HistoryStore
import JSONBytes
import Models

/// Where titles were left off.
enum BookmarkAnswer {
    static func json(_ session: StoredSession) -> [UInt8] {
        let summary = session.summary
        var json: [UInt8] = []
        appendPlace(summary, to: &json)
        // Where to start playing: at the beginning of a title watched to its end.
        json.append(json: #","resumePositionMs":"#)
        json.append(decimal: summary.completed ? 0 : summary.positionMs)
        json.append(json: #","completed":"#)
        json.append(summary.completed)
        appendSource(session, to: &json)
        return json
    }

    /// The rows of continue-watching.
    static func rows(_ sessions: [StoredSession]) -> [UInt8] {
        var json: [UInt8] = []
        json.append(json: #"{"items":"#)
        json.append(list: sessions) { session, json in
            appendPlace(session.summary, to: &json)
            // From 0 to 1; not known without the runtime.
            if let runtimeMs = session.summary.runtimeMs {
                json.append(json: #","progress":"#)
                json.append(contentsOf: "\(min(Double(session.summary.positionMs) / Double(runtimeMs), 1))".utf8)
            }
            appendSource(session, to: &json)
        }
        json.append(json: "}")
        return json
    }

    private static func appendPlace(_ summary: SessionSummary, to json: inout [UInt8]) {
        json.append(json: #"{"titleId":"#)
        json.append(quoted: summary.titleId.text)
        json.append(json: #","positionMs":"#)
        json.append(decimal: summary.positionMs)
        if let runtimeMs = summary.runtimeMs {
            json.append(json: #","runtimeMs":"#)
            json.append(decimal: runtimeMs)
        }
    }

    private static func appendSource(_ session: StoredSession, to json: inout [UInt8]) {
        json.append(json: #","lastWatchedAt":"#)
        json.append(time: session.summary.lastWatchedAt)
        json.append(json: #","sessionId":"#)
        json.append(quoted: session.sessionId.text)
        json.append(json: "}")
    }
}
