import Models
import SwiftProtobuf

/// Sessions that rest as a `HistoryChunk`.
public enum WireHistoryChunk {
    /// - Parameter sessions: in the order of history, ``CompactedSession/precedes(_:_:)``.
    public static func encode(_ sessions: [CompactedSession]) -> [UInt8] {
        var columns = ChunkColumns()
        for session in sessions { columns.append(session) }
        return columns.bytes
    }

    /// - Parameter wanted: the others are left out, and not all of what they are is looked at.
    /// - Throws: ``UndecodableError`` for bytes that are no chunk.
    public static func decode(_ bytes: [UInt8], _ wanted: ChunkSelection = .all) throws(UndecodableError) -> [CompactedSession] {
        let chunk: ProtoHistoryChunk
        do {
            chunk = try ProtoHistoryChunk(serializedBytes: bytes)
        } catch {
            throw UndecodableError("not a HistoryChunk: \(error)")
        }
        var reader = try ChunkReader(chunk)
        var sessions: [CompactedSession] = []
        sessions.reserveCapacity(min(Int(chunk.count), wanted.limit))
        for _ in 0..<chunk.count where sessions.count < wanted.limit {
            if let session = try reader.next(wanted) { sessions.append(session) }
        }
        return sessions
    }
}

/// Which sessions of a chunk somebody needs.
public struct ChunkSelection: Sendable, Hashable {
    /// Those past this place in the order of history: of an earlier `startedAt`, or of that one with a lesser id. nil for the beginning.
    public var place: HistoryPlace?
    /// oldest ≤ startedAt
    public var oldest: Timestamp
    /// As many of them.
    public var limit: Int
    /// nil: whatever their ids.
    public var ids: Set<OpaqueID>?

    public struct HistoryPlace: Sendable, Hashable {
        public var startedAt: Timestamp
        public var sessionId: OpaqueID

        public init(startedAt: Timestamp, sessionId: OpaqueID) {
            self.startedAt = startedAt
            self.sessionId = sessionId
        }
    }

    public static let all = ChunkSelection(past: nil, oldest: .min, limit: .max)

    public init(past place: HistoryPlace?, oldest: Timestamp, limit: Int) {
        self.place = place
        self.oldest = oldest
        self.limit = limit
    }

    public init(ids: Set<OpaqueID>) {
        self.init(past: nil, oldest: .min, limit: ids.count)
        self.ids = ids
    }

    /// - Parameter id: is asked for only where it matters.
    func contains(startedAt: Timestamp, id: () throws(UndecodableError) -> OpaqueID) throws(UndecodableError) -> Bool {
        guard startedAt >= oldest else { return false }
        if let ids, try !ids.contains(id()) { return false }
        guard let place, startedAt >= place.startedAt else { return true }
        if startedAt > place.startedAt { return false }
        return try id() < place.sessionId
    }
}
