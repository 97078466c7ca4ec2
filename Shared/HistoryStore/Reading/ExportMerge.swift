import DequeModule
import Models

/// Merges rows and chunks, both of which come in the order of history, a portion at a time. Pure.
struct ExportMerge {
    enum Source {
        case rows
        case chunk
    }

    private var rows: Deque<CompactedSession> = []
    private var compacted: Deque<CompactedSession> = []
    private var hasAllRows = false
    private var hasAllChunks = false
    /// Chunks to come have nothing later.
    private var newestToCome = Timestamp.max

    /// What must be read before the next session is known; nil where it is.
    var missing: Source? {
        if rows.isEmpty, !hasAllRows { return .rows }
        if !hasAllChunks, compacted.first.map({ $0.summary.startedAt <= newestToCome }) ?? true { return .chunk }
        return nil
    }

    /// - Parameter portion: empty at the end.
    mutating func add(rows portion: [CompactedSession]) {
        hasAllRows = portion.isEmpty
        rows += portion
    }

    /// - Parameter chunk: its newest time, and what is shown of it; nil at the end.
    mutating func add(chunk: (newest: Timestamp, sessions: [CompactedSession])?) {
        guard let chunk else {
            hasAllChunks = true
            return
        }
        newestToCome = chunk.newest
        // Chunks meet in one time at most.
        compacted = Deque((compacted + chunk.sessions).sorted(by: CompactedSession.precedes))
    }

    /// - Returns: nil at the end.
    mutating func takeFirst() -> CompactedSession? {
        guard let row = rows.first else { return compacted.popFirst() }
        guard let session = compacted.first else { return rows.popFirst() }
        return CompactedSession.precedes(row, session) ? rows.popFirst() : compacted.popFirst()
    }
}
