import Models

/// Rows that this process wrote lately, so that the next events of a running session cost no read. Bounded by memory.
///
/// Two generations instead of a list in order of use: when the young one is full it becomes the old one, and what is found in the
/// old one moves back. A stale row does no harm: the write that folds onto it loses, and the row is read.
struct SessionCache: Sendable {
    /// Rows and what they take, about.
    private struct Generation {
        var rows: [SessionKey: KnownSession.Row] = [:]
        var bytes = 0

        mutating func remove(_ key: SessionKey) -> KnownSession.Row? {
            guard let row = rows.removeValue(forKey: key) else { return nil }
            bytes -= SessionCache.bytes(of: row, key: key)
            return row
        }
    }

    let byteLimit: Int
    private var young = Generation()
    private var old = Generation()

    /// - Parameter byteLimit: of all rows together; one row is kept however large it is.
    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    var count: Int { young.rows.count + old.rows.count }
    var byteCount: Int { young.bytes + old.bytes }

    subscript(key: SessionKey) -> KnownSession.Row? {
        mutating get {
            if let row = young.rows[key] { return row }
            guard let row = old.remove(key) else { return nil }
            insert(row, for: key)
            return row
        }
        set {
            _ = old.remove(key)
            _ = young.remove(key)
            if let newValue { insert(newValue, for: key) }
        }
    }

    /// Forgets everything, as after a COMMIT whose answer was lost.
    mutating func removeAll() {
        young = Generation()
        old = Generation()
    }

    private mutating func insert(_ row: KnownSession.Row, for key: SessionKey) {
        let bytes = Self.bytes(of: row, key: key)
        if young.bytes + bytes > byteLimit / 2 {
            old = young
            young = Generation()
        }
        young.rows[key] = row
        young.bytes += bytes
    }

    /// What a row takes in memory, about: measured for a session of one run, and the size of a run for each.
    static func bytes(of row: KnownSession.Row, key: SessionKey) -> Int {
        let state = row.state
        let texts =
            key.memberId.text.utf8.count + key.sessionId.text.utf8.count + state.titleId.value.text.utf8.count
            + (state.deviceId?.value.utf8.count ?? 0) + (state.deviceType?.value.utf8.count ?? 0)
        return 640 + texts + state.runs.count * MemoryLayout<SequenceRun>.stride
    }
}
