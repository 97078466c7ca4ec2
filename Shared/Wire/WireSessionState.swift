import Models
import SwiftProtobuf

/// A session's fold state as the column `state`.
public enum WireSessionState {
    public static func encode(_ state: SessionState) -> [UInt8] {
        var fields = ProtobufFields(capacity: 192)
        fields.append(state)
        return fields.bytes
    }

    /// By protobuf's JSON mapping.
    public static func encodeJSON(_ state: SessionState) -> [UInt8] {
        do {
            return try ProtoSessionState(state).jsonUTF8Bytes()
        } catch {
            preconditionFailure("a state always serialises: \(error)")
        }
    }

    /// - Throws: ``UndecodableError`` for bytes that are no state.
    public static func decode(_ bytes: [UInt8]) throws(UndecodableError) -> SessionState {
        do {
            return try state(ProtoSessionState(serializedBytes: bytes))
        } catch {
            throw error as? UndecodableError ?? UndecodableError("not a SessionState: \(error)")
        }
    }

    /// - Throws: ``UndecodableError`` for text that is no state.
    public static func decodeJSON(_ bytes: [UInt8]) throws(UndecodableError) -> SessionState {
        do {
            var options = JSONDecodingOptions()
            options.ignoreUnknownFields = true
            return try state(ProtoSessionState(jsonUTF8Bytes: bytes, options: options))
        } catch {
            throw error as? UndecodableError ?? UndecodableError("not a SessionState: \(error)")
        }
    }

    private static func state(_ message: ProtoSessionState) throws(UndecodableError) -> SessionState {
        var runs: [SequenceRun] = []
        runs.reserveCapacity(message.runs.count)
        for run in message.runs {
            guard let first = SequenceRun.End(run.first), let last = run.hasLast ? SequenceRun.End(run.last) : first else {
                throw UndecodableError("a run ends with an unknown kind of event")
            }
            runs.append(
                SequenceRun(
                    first: first, firstFromPositionMs: run.hasFirstFromPositionMs ? run.firstFromPositionMs : nil, last: last,
                    creditMs: run.creditMs, lastCreditAt: run.hasLastCreditAt ? run.lastCreditAt : nil))
        }
        guard !runs.isEmpty else { throw UndecodableError("a session has at least one run") }
        let state = SessionState(
            runs: runs, eventCount: message.eventCount, earliestAt: message.earliestAt, skewMs: message.skewMs,
            highestCompleteSeq: message.hasHighestCompleteSeq ? message.highestCompleteSeq : nil,
            highestPlayingSeq: message.hasHighestPlayingSeq ? message.highestPlayingSeq : nil,
            titleId: .init(value: OpaqueID(message.titleID.value), seq: message.titleID.seq),
            runtimeMs: message.hasRuntimeMs ? .init(value: message.runtimeMs.value, seq: message.runtimeMs.seq) : nil,
            deviceId: message.hasDeviceID ? .init(value: message.deviceID.value, seq: message.deviceID.seq) : nil,
            deviceType: message.hasDeviceType ? .init(value: message.deviceType.value, seq: message.deviceType.seq) : nil,
            approximate: message.approximate)
        if let fault = state.fault { throw UndecodableError(fault) }
        return state
    }
}

extension ProtobufFields {
    /// The fields of a `SessionState`.
    fileprivate mutating func append(_ state: SessionState) {
        for run in state.runs { append(1) { $0.append(run) } }
        append(2, state.eventCount)
        append(3, state.earliestAt)
        append(4, zigzag: state.skewMs)
        append(5, optional: state.highestCompleteSeq)
        append(6, optional: state.highestPlayingSeq)
        append(7, state.titleId.value.text, seq: state.titleId.seq)
        if let runtime = state.runtimeMs {
            append(8) {
                $0.append(1, runtime.value)
                $0.append(2, runtime.seq)
            }
        }
        if let device = state.deviceId { append(9, device.value, seq: device.seq) }
        if let type = state.deviceType { append(10, type.value, seq: type.seq) }
        append(11, state.approximate)
    }

    private mutating func append(_ run: SequenceRun) {
        append(1) { $0.append(run.first) }
        append(2, optional: run.firstFromPositionMs)
        if run.last != run.first { append(3) { $0.append(run.last) } }
        append(4, run.creditMs)
        append(5, optional: run.lastCreditAt)
    }

    private mutating func append(_ end: SequenceRun.End) {
        append(1, end.seq)
        append(2, end.positionMs)
        append(3, end.occurredAt)
        append(4, Int64(ProtoEventKind(end.kind).rawValue))
    }

    /// A `Text`.
    private mutating func append(_ number: Int, _ value: String, seq: Int64) {
        append(number) {
            $0.append(1, value)
            $0.append(2, seq)
        }
    }
}

/// For the JSON of it.
extension ProtoSessionState {
    init(_ state: SessionState) {
        self.init()
        runs = state.runs.map(Run.init)
        eventCount = state.eventCount
        earliestAt = state.earliestAt
        skewMs = state.skewMs
        if let seq = state.highestCompleteSeq { highestCompleteSeq = seq }
        if let seq = state.highestPlayingSeq { highestPlayingSeq = seq }
        titleID = .with {
            $0.value = state.titleId.value.text
            $0.seq = state.titleId.seq
        }
        if let runtime = state.runtimeMs {
            runtimeMs = .with {
                $0.value = runtime.value
                $0.seq = runtime.seq
            }
        }
        if let device = state.deviceId {
            deviceID = .with {
                $0.value = device.value
                $0.seq = device.seq
            }
        }
        if let type = state.deviceType {
            deviceType = .with {
                $0.value = type.value
                $0.seq = type.seq
            }
        }
        approximate = state.approximate
    }
}

extension ProtoSessionState.Run {
    init(_ run: SequenceRun) {
        self.init()
        first = .init(run.first)
        if let from = run.firstFromPositionMs { firstFromPositionMs = from }
        if run.last != run.first { last = .init(run.last) }
        creditMs = run.creditMs
        if let time = run.lastCreditAt { lastCreditAt = time }
    }
}

extension ProtoSessionState.End {
    init(_ end: SequenceRun.End) {
        self.init()
        seq = end.seq
        positionMs = end.positionMs
        occurredAt = end.occurredAt
        kind = ProtoEventKind(end.kind)
    }
}

extension SequenceRun.End {
    /// nil for a kind of a later version.
    init?(_ message: ProtoSessionState.End) {
        guard let kind = EventKind(message.kind) else { return nil }
        self.init(seq: message.seq, positionMs: message.positionMs, occurredAt: message.occurredAt, kind: kind)
    }
}
