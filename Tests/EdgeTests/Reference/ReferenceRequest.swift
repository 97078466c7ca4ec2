import Foundation
import Models

/// What a JSON body says, read by `JSONDecoder`: slow, but nothing of it is shared with the parser of the edge.
struct ReferenceRequest: Decodable {
    let sentAt: Timestamp?
    let events: [Result<PlaybackEvent, EventFault>]

    private enum Key: String, CodingKey {
        case sentAt, events
    }

    init(from decoder: any Decoder) throws {
        if let array = try? [ReferenceEvent](from: decoder) {
            sentAt = nil
            events = array.map(\.event)
            return
        }
        let envelope = try decoder.container(keyedBy: Key.self)
        guard envelope.contains(.events) else {
            sentAt = nil
            events = [try ReferenceEvent(from: decoder).event]
            return
        }
        events = try envelope.decode([ReferenceEvent].self, forKey: .events).map(\.event)
        sentAt = try envelope.decodeIfPresent(ReferenceTime.self, forKey: .sentAt)?.milliseconds
    }
}

/// An event, or the fault of the first of its fields that has one.
struct ReferenceEvent: Decodable {
    let event: Result<PlaybackEvent, EventFault>

    fileprivate enum Key: String, CodingKey {
        case memberId, sessionId, seq, kind, titleId, positionMs, fromPositionMs, runtimeMs, occurredAt, deviceId, deviceType
    }

    init(from decoder: any Decoder) throws {
        do {
            event = .success(try Self.read(decoder))
        } catch {
            event = .failure(error)
        }
    }

    private static func read(_ decoder: any Decoder) throws(EventFault) -> PlaybackEvent {
        guard let container = try? decoder.container(keyedBy: Key.self) else { throw EventFault("an event must be a JSON object") }
        let fields = ReferenceFields(container: container)
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
            fromPositionMs: kind == .seek ? try fields.optionalInteger(.fromPositionMs, from: 0) : nil,
            runtimeMs: try fields.optionalInteger(.runtimeMs, from: 1),
            occurredAt: try fields.time(.occurredAt),
            deviceId: try fields.optionalText(.deviceId),
            deviceType: try fields.optionalText(.deviceType))
    }
}

private struct ReferenceFields {
    let container: KeyedDecodingContainer<ReferenceEvent.Key>

    func text(_ key: ReferenceEvent.Key) throws(EventFault) -> String {
        try required(key, try optionalText(key))
    }

    func optionalText(_ key: ReferenceEvent.Key) throws(EventFault) -> String? {
        try optional(String.self, key, "must be a string of valid Unicode")
    }

    func integer(_ key: ReferenceEvent.Key, from least: Int64) throws(EventFault) -> Int64 {
        try required(key, try optionalInteger(key, from: least))
    }

    func optionalInteger(_ key: ReferenceEvent.Key, from least: Int64) throws(EventFault) -> Int64? {
        try optional(Int64.self, key, "must be an integer from \(least) to 2^53")
    }

    func time(_ key: ReferenceEvent.Key) throws(EventFault) -> Timestamp {
        let rule = "must be an RFC 3339 time such as 2026-11-20T20:15:03.123Z, or milliseconds since 1970"
        return try required(key, try optional(ReferenceTime.self, key, rule)).milliseconds
    }

    private func optional<Value: Decodable>(
        _ type: Value.Type, _ key: ReferenceEvent.Key, _ rule: String
    ) throws(EventFault) -> Value? {
        do {
            return try container.decodeIfPresent(type, forKey: key)
        } catch {
            throw EventFault(field: key.rawValue, "\(key.rawValue) \(rule)")
        }
    }

    private func required<Value>(_ key: ReferenceEvent.Key, _ value: Value?) throws(EventFault) -> Value {
        guard let value else { throw EventFault(field: key.rawValue, "\(key.rawValue) is required") }
        return value
    }
}

private struct ReferenceTime: Decodable {
    let milliseconds: Timestamp

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let milliseconds = try? container.decode(Int64.self) {
            self.milliseconds = milliseconds
        } else if let time = RFC3339.parse(try container.decode(String.self)) {
            milliseconds = time
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no time")
        }
    }
}
