import CSimdjson
import Models

/// An event as it stands in a request: either all fields have their types, or it says which has not.
///
/// Reading never throws for a bad event, so that the others of the request are not lost with it.
struct EventDraft {
    /// `receivedAt` and `skewMs` are still to be set.
    let event: Result<PlaybackEvent, EventFault>

    init(event: Result<PlaybackEvent, EventFault>) {
        self.event = event
    }

    init(_ event: borrowing playhead_json_event) {
        do {
            self.event = .success(try Self.read(event))
        } catch {
            self.event = .failure(error)
        }
    }

    private static func read(_ event: borrowing playhead_json_event) throws(EventFault) -> PlaybackEvent {
        guard event.is_object else { throw EventFault("an event must be a JSON object") }
        let kindName = try EventField("kind", event.kind).text()
        guard let kind = EventKind(rawValue: kindName) else {
            let known = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw EventFault(field: "kind", "kind must be one of \(known), not '\(kindName.prefix(40))'")
        }
        return PlaybackEvent(
            memberId: OpaqueID(try EventField("memberId", event.member_id).text()),
            sessionId: OpaqueID(try EventField("sessionId", event.session_id).text()),
            seq: try EventField("seq", event.seq).integer(from: 0),
            kind: kind,
            titleId: OpaqueID(try EventField("titleId", event.title_id).text()),
            positionMs: try EventField("positionMs", event.position_ms).integer(from: 0),
            // Of another kind of event it has no meaning, and is ignored like an unknown field.
            fromPositionMs: kind == .seek ? try EventField("fromPositionMs", event.from_position_ms).optionalInteger(from: 0) : nil,
            runtimeMs: try EventField("runtimeMs", event.runtime_ms).optionalInteger(from: 1),
            occurredAt: try EventField("occurredAt", event.occurred_at).time(),
            deviceId: try EventField("deviceId", event.device_id).optionalText(),
            deviceType: try EventField("deviceType", event.device_type).optionalText())
    }
}
