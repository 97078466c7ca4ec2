import HistoryStore
import JSONBytes
import Models
import Wire

/// A member's history as NDJSON, one session a line, with the whole state of the fold: written and read again it is the same history.
///
/// A line is the session as the API shows it, with `memberId` before it and `state` after: `SessionState` of Shared/Wire/playhead.proto
/// by protobuf's JSON mapping.
public enum HistoryNDJSON {
    /// - Parameter row: with its state.
    public static func append(_ row: HistoryExport.Row, of member: OpaqueID, to bytes: inout [UInt8]) {
        bytes.append(json: #"{"memberId":"#)
        bytes.append(quoted: member.text)
        bytes.append(json: #","#)
        var session: [UInt8] = []
        SessionJSON.append(row.session.sessionId, row.session.summary, revision: row.session.revision, to: &session)
        bytes += session.dropFirst().dropLast()
        if let state = row.state {
            bytes.append(json: #","state":"#)
            bytes += WireSessionState.encodeJSON(state)
        }
        bytes.append(json: "}\n")
    }
}
