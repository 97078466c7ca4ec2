import Models
import SwiftProtobuf

/// Why bytes are not a batch of events, or not a session's state.
public struct UndecodableError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Events as the payload of a stream entry.
public enum WireEvents {
    /// A `PlaybackEventBatch`; the bytes of two batches one after the other are the batch of both.
    public static func encode(_ events: [PlaybackEvent]) -> [UInt8] {
        var batch = ProtobufFields(capacity: events.count * 160)
        for event in events { batch.append(1) { $0.append(event) } }
        return batch.bytes
    }

    /// An event that breaks a limit of the contract, or is of a kind that this version does not know.
    public struct Refused: Sendable {
        public let reason: String
        /// A batch of this event alone, unknown fields included: a later version may understand it.
        public let payload: [UInt8]

        public init(reason: String, payload: [UInt8]) {
            self.reason = reason
            self.payload = payload
        }
    }

    /// - Throws: ``UndecodableError`` for bytes that are no batch, hold no event, or hold one that is refused.
    public static func decode(_ payload: [UInt8]) throws(UndecodableError) -> [PlaybackEvent] {
        var events: [PlaybackEvent] = []
        if let refused = try decode(payload, into: &events).first { throw UndecodableError(refused.reason) }
        return events
    }

    /// Sorts the good events of a batch from those that are refused.
    /// - Parameter events: where the good ones are appended.
    /// - Returns: the others.
    /// - Throws: ``UndecodableError`` for bytes that are no batch or hold no event.
    public static func decode(_ payload: [UInt8], into events: inout [PlaybackEvent]) throws(UndecodableError) -> [Refused] {
        let batch: ProtoPlaybackEventBatch
        do {
            batch = try ProtoPlaybackEventBatch(serializedBytes: payload)
        } catch {
            throw UndecodableError("not a PlaybackEventBatch: \(error)")
        }
        guard !batch.events.isEmpty else { throw UndecodableError("the batch has no events") }
        var refused: [Refused] = []
        for (index, message) in batch.events.enumerated() {
            do throws(UndecodableError) {
                events.append(try event(message, index: index))
            } catch {
                refused.append(Refused(reason: error.description, payload: encode(message)))
            }
        }
        return refused
    }

    private static func event(_ message: ProtoPlaybackEvent, index: Int) throws(UndecodableError) -> PlaybackEvent {
        guard let event = PlaybackEvent(message) else { throw UndecodableError("event \(index) has an unknown kind") }
        do {
            try event.validateContent()
        } catch {
            throw UndecodableError("event \(index): \(error.detail)")
        }
        return event
    }

    private static func encode(_ message: ProtoPlaybackEvent) -> [UInt8] {
        var batch = ProtoPlaybackEventBatch()
        batch.events = [message]
        do {
            return try batch.serializedBytes()
        } catch {
            // Only required fields (proto2) and Any can fail to serialise; the messages have neither.
            preconditionFailure("a batch always serialises: \(error)")
        }
    }
}

extension ProtobufFields {
    /// The fields of a `PlaybackEvent`.
    fileprivate mutating func append(_ event: PlaybackEvent) {
        append(1, event.memberId.text)
        append(2, event.sessionId.text)
        append(3, event.seq)
        append(4, Int64(ProtoEventKind(event.kind).rawValue))
        append(5, event.titleId.text)
        append(6, event.positionMs)
        append(7, optional: event.fromPositionMs)
        append(8, optional: event.runtimeMs)
        append(9, event.occurredAt)
        append(10, optional: event.deviceId)
        append(11, optional: event.deviceType)
        append(12, event.receivedAt)
        append(13, zigzag: event.skewMs)
    }
}

extension PlaybackEvent {
    /// nil for a kind of a later version.
    init?(_ message: ProtoPlaybackEvent) {
        guard let kind = EventKind(message.kind) else { return nil }
        self.init(
            memberId: OpaqueID(message.memberID), sessionId: OpaqueID(message.sessionID), seq: message.seq, kind: kind,
            titleId: OpaqueID(message.titleID), positionMs: message.positionMs,
            fromPositionMs: message.hasFromPositionMs ? message.fromPositionMs : nil,
            runtimeMs: message.hasRuntimeMs ? message.runtimeMs : nil, occurredAt: message.occurredAt,
            deviceId: message.hasDeviceID ? message.deviceID : nil, deviceType: message.hasDeviceType ? message.deviceType : nil,
            receivedAt: message.receivedAt, skewMs: message.skewMs)
    }
}

extension ProtoEventKind {
    init(_ kind: EventKind) {
        self =
            switch kind {
            case .start: .start
            case .progress: .progress
            case .pause: .pause
            case .resume: .resume
            case .seek: .seek
            case .stop: .stop
            case .complete: .complete
            }
    }
}

extension EventKind {
    init?(_ kind: ProtoEventKind) {
        switch kind {
        case .start: self = .start
        case .progress: self = .progress
        case .pause: self = .pause
        case .resume: self = .resume
        case .seek: self = .seek
        case .stop: self = .stop
        case .complete: self = .complete
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}
