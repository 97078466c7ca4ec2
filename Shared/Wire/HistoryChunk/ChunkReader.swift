import Models

/// Reads the sessions of a `HistoryChunk` one after the other. Sums wrap: whatever the bytes say, a state that comes of them is checked.
struct ChunkReader {
    private let chunk: ProtoHistoryChunk
    private let uuids: [UInt8]
    private let others: [UInt32: String]
    private var session = 0
    private var run = 0
    private var uuid = 0
    private var earliestAt: Int64 = 0
    private var revision: Int64 = 0

    /// - Throws: ``UndecodableError`` where the columns do not fit each other.
    init(_ chunk: ProtoHistoryChunk) throws(UndecodableError) {
        guard chunk.otherIds.count == chunk.otherPlaces.count, chunk.uuids.count / 16 + chunk.otherIds.count == Int(chunk.count),
            chunk.uuids.count % 16 == 0
        else { throw UndecodableError("the chunk has not as many ids as sessions") }
        self.chunk = chunk
        uuids = Array(chunk.uuids)
        others = Dictionary(zip(chunk.otherPlaces, chunk.otherIds)) { first, _ in first }
        guard others.count == chunk.otherIds.count else { throw UndecodableError("two ids of the chunk have one place") }
    }

    /// - Returns: nil for a session that is not wanted, of which nothing else is looked at.
    mutating func next(_ wanted: ChunkSelection) throws(UndecodableError) -> CompactedSession? {
        earliestAt = earliestAt &+ value(chunk.earliestAt)
        revision = revision &+ value(chunk.revision)
        let startedAt = EventLimits.corrected(Self.bounded(earliestAt), bySkew: Self.bounded(value(chunk.skewMs)))
        guard try wanted.contains(startedAt: startedAt, id: id) else {
            if others[UInt32(session)] == nil { uuid += 1 }
            run += Int(value(chunk.moreRuns)) + 1
            session += 1
            return nil
        }
        let id = try id()
        if others[UInt32(session)] == nil { uuid += 1 }
        let runs = try nextRuns()
        let highest = runs[runs.count - 1].last.seq
        let seqs = runs.reduce(0) { $0 &+ $1.last.seq &- $1.first.seq &+ 1 }
        let state = SessionState(
            runs: runs, eventCount: seqs &+ value(chunk.eventCount), earliestAt: earliestAt, skewMs: value(chunk.skewMs),
            highestCompleteSeq: optional(value(chunk.completeSeq)).map { highest &- $0 },
            highestPlayingSeq: optional(value(chunk.playingSeq)).map { highest &- $0 },
            titleId: .init(value: OpaqueID(try entry(Int(value(chunk.title)), of: chunk.titles)), seq: highest &- value(chunk.titleSeq)),
            runtimeMs: try attribute(value(chunk.runtime), of: chunk.runtimes, seq: highest &- value(chunk.runtimeSeq)),
            deviceId: try attribute(value(chunk.device), of: chunk.devices, seq: highest &- value(chunk.deviceSeq)),
            deviceType: try attribute(value(chunk.deviceType), of: chunk.deviceTypes, seq: highest &- value(chunk.deviceTypeSeq)),
            approximate: value(chunk.approximate) != 0)
        if let fault = state.fault { throw UndecodableError("session \(session) of the chunk: \(fault)") }
        session += 1
        return CompactedSession(sessionId: id, revision: revision, state: state)
    }

    /// Such that two of them can be added. What is farther away is refused anyway.
    private static func bounded(_ time: Timestamp) -> Timestamp {
        min(max(time, .min / 2), .max / 2)
    }

    /// Of the session.
    private func id() throws(UndecodableError) -> OpaqueID {
        if let other = others[UInt32(session)] { return OpaqueID(other) }
        let begin = uuid * 16
        guard begin + 16 <= uuids.count else { throw UndecodableError("the chunk has not as many ids as sessions") }
        return OpaqueID(UUIDText.text(of: uuids[begin..<begin + 16]))
    }

    private mutating func nextRuns() throws(UndecodableError) -> [SequenceRun] {
        let count = value(chunk.moreRuns)
        guard count < SessionState.maximalRuns else { throw UndecodableError("session \(session) of the chunk has too many runs") }
        var runs: [SequenceRun] = []
        runs.reserveCapacity(Int(count) + 1)
        var before = SequenceRun.End(seq: -1, positionMs: 0, occurredAt: earliestAt, kind: .start)
        for _ in 0...count {
            let first = SequenceRun.End(
                seq: before.seq &+ 1 &+ runValue(chunk.runGap), positionMs: before.positionMs &+ runValue(chunk.firstPosition),
                occurredAt: before.occurredAt &+ runValue(chunk.firstAt), kind: try kind(runValue(chunk.firstKind)))
            let way = runValue(chunk.lastPosition)
            let last = SequenceRun.End(
                seq: first.seq &+ runValue(chunk.runLength), positionMs: first.positionMs &+ way,
                occurredAt: first.occurredAt &+ runValue(chunk.lastAt), kind: try kind(runValue(chunk.lastKind)))
            runs.append(
                SequenceRun(
                    first: first, firstFromPositionMs: optional(runValue(chunk.firstFrom)), last: last,
                    creditMs: way &+ runValue(chunk.credit),
                    lastCreditAt: optional(runValue(chunk.lastCreditAt)).map {
                        last.occurredAt &- ChunkField.unzigzag(UInt64(bitPattern: $0))
                    }))
            before = last
            run += 1
        }
        return runs
    }

    /// Of the session. A column that is left out, or is too short, goes on with zeros.
    private func value(_ column: [some FixedWidthInteger]) -> Int64 {
        session < column.count ? Int64(truncatingIfNeeded: column[session]) : 0
    }

    private func runValue(_ column: [some FixedWidthInteger]) -> Int64 {
        run < column.count ? Int64(truncatingIfNeeded: column[run]) : 0
    }

    /// Of 1 + a value, 0 for none.
    private func optional(_ value: Int64) -> Int64? {
        value == 0 ? nil : value &- 1
    }

    private func attribute<Value>(
        _ place: Int64, of values: [Value], seq: Int64
    ) throws(UndecodableError) -> SessionState.Attribute<Value>? {
        guard let place = optional(place) else { return nil }
        return .init(value: try entry(Int(truncatingIfNeeded: place), of: values), seq: seq)
    }

    private func entry<Value>(_ place: Int, of values: [Value]) throws(UndecodableError) -> Value {
        guard values.indices.contains(place) else { throw UndecodableError("session \(session) of the chunk points at nothing") }
        return values[place]
    }

    private func kind(_ number: Int64) throws(UndecodableError) -> EventKind {
        guard let kind = ProtoEventKind(rawValue: Int(number)).flatMap(EventKind.init) else {
            throw UndecodableError("a run ends with an unknown kind of event")
        }
        return kind
    }
}
