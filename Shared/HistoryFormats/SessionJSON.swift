import HistoryStore
import JSONBytes
import Models

/// A session as JSON. Optional values that are absent are left out.
public enum SessionJSON {
    /// - Parameter sequenceRuns: lowest and highest `seq` of each run, for a single session only.
    public static func append(
        _ sessionId: OpaqueID, _ summary: SessionSummary, revision: Int64, sequenceRuns: [ClosedRange<Int64>]? = nil, to json: inout [UInt8]
    ) {
        json.append(json: #"{"sessionId":"#)
        json.append(quoted: sessionId.text)
        json.append(json: #","titleId":"#)
        json.append(quoted: summary.titleId.text)
        json.append(json: #","startedAt":"#)
        json.append(time: summary.startedAt)
        json.append(json: #","lastWatchedAt":"#)
        json.append(time: summary.lastWatchedAt)
        json.append(json: #","positionMs":"#)
        json.append(decimal: summary.positionMs)
        if let runtimeMs = summary.runtimeMs {
            json.append(json: #","runtimeMs":"#)
            json.append(decimal: runtimeMs)
        }
        json.append(json: #","watchedMs":"#)
        json.append(decimal: summary.watchedMs)
        json.append(json: #","completed":"#)
        json.append(summary.completed)
        if let deviceId = summary.deviceId {
            json.append(json: #","deviceId":"#)
            json.append(quoted: deviceId)
        }
        if let deviceType = summary.deviceType {
            json.append(json: #","deviceType":"#)
            json.append(quoted: deviceType)
        }
        json.append(json: #","missingEvents":"#)
        json.append(decimal: summary.missingEvents)
        if summary.approximate { json.append(json: #","approximate":true"#) }
        json.append(json: #","revision":"#)
        json.append(decimal: revision)
        if let sequenceRuns {
            json.append(json: #","sequenceRuns":"#)
            json.append(list: sequenceRuns) { run, json in
                json.append(json: "[")
                json.append(decimal: run.lowerBound)
                json.append(json: ",")
                json.append(decimal: run.upperBound)
                json.append(json: "]")
            }
        }
        json.append(json: "}")
    }

    public static func append(_ session: StoredSession, to json: inout [UInt8]) {
        append(session.sessionId, session.summary, revision: session.revision, to: &json)
    }
}
