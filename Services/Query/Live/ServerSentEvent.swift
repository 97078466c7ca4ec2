import HistoryFormats
import JSONBytes
import Models

/// A frame of an event stream. Source: HTML standard, section 9.2 "Server-sent events".
enum ServerSentEvent {
    /// A comment, which clients pass over.
    static let heartbeat = Array(": heartbeat\n\n".utf8)

    /// The first of a stream: where to go on from, should nothing come before the connection breaks.
    static func hello(_ id: String) -> [UInt8] {
        Array(": hello\nid: \(id)\n\n".utf8)
    }

    /// What was missed is to be read from the history.
    static let resync = frame("resync") { $0.append(json: #"{"reason":"changes-missed"}"#) }

    static func end(_ ending: LiveHub.Ending) -> [UInt8] {
        frame("end") { json in
            json.append(json: #"{"reason":"#)
            json.append(quoted: ending.rawValue)
            json.append(json: "}")
        }
    }

    static func change(_ change: HistoryChange, id: String) -> [UInt8] {
        var bytes = Array("id: \(id)\n".utf8)
        switch change.content {
        case .session(let id, let summary):
            bytes += frame("session") { SessionJSON.append(id, summary, revision: change.revision, to: &$0) }
        case .hidden(let title, let until): bytes += frame("hidden") { appendHidden(title, until, to: &$0) }
        case .rowHidden(let title, let until): bytes += frame("continue-watching-hidden") { appendHidden(title, until, to: &$0) }
        case .erased: bytes += frame("erased") { $0.append(json: "{}") }
        }
        return bytes
    }

    private static func appendHidden(_ title: OpaqueID?, _ until: Timestamp, to json: inout [UInt8]) {
        json.append(json: "{")
        if let title {
            json.append(json: #""titleId":"#)
            json.append(quoted: title.text)
            json.append(json: ",")
        }
        json.append(json: #""hiddenUntil":"#)
        json.append(time: until)
        json.append(json: "}")
    }

    /// JSON has no newline in it, so one line of data is enough.
    private static func frame(_ event: StaticString, _ appendData: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes = Array("event: \(event)\ndata: ".utf8)
        appendData(&bytes)
        bytes.append(json: "\n\n")
        return bytes
    }
}
