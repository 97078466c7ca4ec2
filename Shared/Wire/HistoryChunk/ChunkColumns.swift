import Models

/// A `HistoryChunk` that grows by a session at a time.
struct ChunkColumns {
    private var count = 0
    private var uuids: [UInt8] = []
    private var otherIds: [String] = []
    private var otherPlaces: [UInt64] = []
    private var titles = ChunkDictionary<OpaqueID>()
    private var runtimes = ChunkDictionary<Int64>()
    private var devices = ChunkDictionary<OpaqueID>()
    private var deviceTypes = ChunkDictionary<OpaqueID>()
    /// By the numbers of their fields.
    private var columns: [[UInt64]] = Array(repeating: [], count: ChunkField.lastColumn + 1)
    private var earliestAt: Int64 = 0
    private var revision: Int64 = 0

    mutating func append(_ session: CompactedSession) {
        let state = session.state
        if let uuid = UUIDText.bytes(of: session.sessionId.text) {
            uuids += uuid
        } else {
            otherIds.append(session.sessionId.text)
            otherPlaces.append(UInt64(count))
        }
        count += 1
        let highest = state.runs[state.runs.count - 1].last.seq
        add(ChunkField.title, UInt64(titles.place(of: state.titleId.value)))
        add(ChunkField.titleSeq, signed: highest - state.titleId.seq)
        add(ChunkField.earliestAt, signed: state.earliestAt - earliestAt)
        earliestAt = state.earliestAt
        add(ChunkField.skewMs, signed: state.skewMs)
        add(ChunkField.revision, signed: session.revision - revision)
        revision = session.revision
        let seqs = state.runs.reduce(0) { $0 + $1.last.seq - $1.first.seq + 1 }
        add(ChunkField.eventCount, signed: state.eventCount - seqs)
        add(ChunkField.runtime, state.runtimeMs.map { UInt64(1 + runtimes.place(of: $0.value)) } ?? 0)
        add(ChunkField.runtimeSeq, signed: state.runtimeMs.map { highest - $0.seq } ?? 0)
        add(ChunkField.device, state.deviceId.map { UInt64(1 + devices.place(of: OpaqueID($0.value))) } ?? 0)
        add(ChunkField.deviceSeq, signed: state.deviceId.map { highest - $0.seq } ?? 0)
        add(ChunkField.deviceType, state.deviceType.map { UInt64(1 + deviceTypes.place(of: OpaqueID($0.value))) } ?? 0)
        add(ChunkField.deviceTypeSeq, signed: state.deviceType.map { highest - $0.seq } ?? 0)
        add(ChunkField.completeSeq, state.highestCompleteSeq.map { UInt64(1 + highest - $0) } ?? 0)
        add(ChunkField.playingSeq, state.highestPlayingSeq.map { UInt64(1 + highest - $0) } ?? 0)
        add(ChunkField.approximate, state.approximate ? 1 : 0)
        add(ChunkField.moreRuns, UInt64(state.runs.count - 1))
        appendRuns(of: state)
    }

    private mutating func appendRuns(of state: SessionState) {
        var before = SequenceRun.End(seq: -1, positionMs: 0, occurredAt: state.earliestAt, kind: .start)
        for run in state.runs {
            let (first, last) = (run.first, run.last)
            add(ChunkField.runGap, UInt64(first.seq - before.seq - 1))
            add(ChunkField.firstPosition, signed: first.positionMs - before.positionMs)
            add(ChunkField.firstAt, signed: first.occurredAt - before.occurredAt)
            add(ChunkField.firstKind, UInt64(ProtoEventKind(first.kind).rawValue))
            add(ChunkField.firstFrom, run.firstFromPositionMs.map { UInt64(1 + $0) } ?? 0)
            add(ChunkField.runLength, UInt64(last.seq - first.seq))
            add(ChunkField.lastPosition, signed: last.positionMs - first.positionMs)
            add(ChunkField.lastAt, signed: last.occurredAt - first.occurredAt)
            add(ChunkField.lastKind, UInt64(ProtoEventKind(last.kind).rawValue))
            add(ChunkField.credit, signed: run.creditMs - (last.positionMs - first.positionMs))
            add(ChunkField.lastCreditAt, run.lastCreditAt.map { 1 + ChunkField.zigzag(last.occurredAt - $0) } ?? 0)
            before = last
        }
    }

    private mutating func add(_ field: Int, _ value: UInt64) {
        columns[field].append(value)
    }

    private mutating func add(_ field: Int, signed value: Int64) {
        columns[field].append(ChunkField.zigzag(value))
    }

    /// The message. A column of zeros is left out.
    var bytes: [UInt8] {
        var fields = ProtobufFields(capacity: count * 64)
        fields.append(1, Int64(count))
        fields.append(2, bytes: uuids)
        fields.append(3, texts: otherIds)
        fields.append(4, packed: otherPlaces)
        for (field, column) in columns.enumerated() {
            switch field {
            case ChunkField.titles: fields.append(field, texts: titles.values.map(\.text))
            case ChunkField.runtimes: fields.append(field, packed: runtimes.values.map { UInt64(bitPattern: $0) })
            case ChunkField.devices: fields.append(field, texts: devices.values.map(\.text))
            case ChunkField.deviceTypes: fields.append(field, texts: deviceTypes.values.map(\.text))
            default: if column.contains(where: { $0 != 0 }) { fields.append(field, packed: column) }
            }
        }
        return fields.bytes
    }
}

/// Distinct values in the order in which they came.
struct ChunkDictionary<Value: Hashable> {
    private(set) var values: [Value] = []
    private var places: [Value: Int] = [:]

    mutating func place(of value: Value) -> Int {
        if let place = places[value] { return place }
        places[value] = values.count
        values.append(value)
        return values.count - 1
    }
}

/// The numbers of a `HistoryChunk`'s fields.
enum ChunkField {
    static let titles = 5
    static let title = 6
    static let earliestAt = 7
    static let skewMs = 8
    static let revision = 9
    static let eventCount = 10
    static let titleSeq = 11
    static let runtimes = 12
    static let runtime = 13
    static let runtimeSeq = 14
    static let devices = 15
    static let device = 16
    static let deviceSeq = 17
    static let deviceTypes = 18
    static let deviceType = 19
    static let deviceTypeSeq = 20
    static let completeSeq = 21
    static let playingSeq = 22
    static let approximate = 23
    static let moreRuns = 24
    static let runGap = 25
    static let firstPosition = 26
    static let firstAt = 27
    static let firstKind = 28
    static let firstFrom = 29
    static let runLength = 30
    static let lastPosition = 31
    static let lastAt = 32
    static let lastKind = 33
    static let credit = 34
    static let lastCreditAt = 35
    static let lastColumn = lastCreditAt

    /// Source: protobuf's "Encoding" page, signed integers.
    static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }

    static func unzigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
