import Foundation
import HistoryStore
import Models
import Wire

/// Sessions of `playhead export --format ndjson` or of the API's export, a line each.
enum NDJSONImport {
    /// A line that holds no session, and why.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: ``Fault``
    static func session(in line: Data) throws(Fault) -> (key: SessionKey, state: SessionState) {
        guard let object = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any] else {
            throw Fault(description: "not a JSON object")
        }
        func id(_ name: String) throws(Fault) -> OpaqueID {
            guard let text = object[name] as? String else { throw Fault(description: "\(name) is missing, or is no string") }
            do {
                try EventLimits.validate(id: text, name)
            } catch {
                throw Fault(description: error.detail)
            }
            return OpaqueID(text)
        }
        guard let state = object["state"] as? [String: Any], let bytes = try? JSONSerialization.data(withJSONObject: state) else {
            throw Fault(description: "state is missing: only an export as NDJSON has it")
        }
        let folded: SessionState
        do {
            folded = try WireSessionState.decodeJSON(Array(bytes))
            try EventLimits.validate(id: folded.titleId.value.text, "state.titleId")
            if let device = folded.deviceId?.value { try EventLimits.validate(id: device, "state.deviceId") }
            if let type = folded.deviceType?.value { try EventLimits.validate(id: type, "state.deviceType") }
        } catch {
            throw Fault(description: (error as? EventFault)?.detail ?? "\(error)")
        }
        guard folded.runs.count <= SessionState.maximalRuns else {
            throw Fault(description: "state.runs has \(folded.runs.count) runs, of at most \(SessionState.maximalRuns)")
        }
        return (SessionKey(memberId: try id("memberId"), sessionId: try id("sessionId")), folded)
    }
}
