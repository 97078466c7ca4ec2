import Models

/// An event as it stands in a request: either all fields have their types, or it says which has not.
///
/// Decoding never throws for a bad event, so that the others of the request are not lost with it.
struct EventDraft: Decodable {
    /// `receivedAt` and `skewMs` are still to be set.
    let event: Result<PlaybackEvent, EventFault>

    init(event: Result<PlaybackEvent, EventFault>) {
        self.event = event
    }

    init(from decoder: any Decoder) throws {
        do {
            event = .success(try Self.read(decoder))
        } catch let fault {
            event = .failure(fault)
        }
    }

    private static func read(_ decoder: any Decoder) throws(EventFault) -> PlaybackEvent {
        guard let container = try? decoder.container(keyedBy: EventFields.Key.self) else {
            throw EventFault("an event must be a JSON object")
        }
        let fields = EventFields(container: container)
        let kindName = try fields.text(.kind)
        guard let kind = EventKind(rawValue: kindName) else {
            let known = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw EventFault(field: "kind", "kind must be one of \(known), not '\(kindName.prefix(40))'")
        }
        return PlaybackEvent(
            memberId: OpaqueID(try fields.text(.memberId)),
            sessionId: OpaqueID(try fields.text(.sessionId)),
            seq: try fields.integer(.seq, from: 0),
            kind: kind,
            titleId: OpaqueID(try fields.text(.titleId)),
            positionMs: try fields.integer(.positionMs, from: 0),
            // Of another kind of event it has no meaning, and is ignored like an unknown field.
            fromPositionMs: kind == .seek ? try fields.optionalInteger(.fromPositionMs, from: 0) : nil,
            runtimeMs: try fields.optionalInteger(.runtimeMs, from: 1),
            occurredAt: try fields.time(.occurredAt),
            deviceId: try fields.optionalText(.deviceId),
            deviceType: try fields.optionalText(.deviceType))
    }
}
