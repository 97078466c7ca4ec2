import Models

/// Rows that this process wrote lately, so that the next events of a running session cost no read. Bounded by memory.
///
/// Two generations instead of a list in order of use: when the young one is full it becomes the old one, and what is found in the
/// old one moves back. A stale row does no harm: the write that folds onto it loses, and the row is read.
struct SessionCache: Sendable {
    /// Rows and what they take, about.
    private struct Generation {
        var rows: [HashedSessionKey: KnownSession.Row] = [:]
        var bytes = 0

        mutating func remove(_ key: HashedSessionKey) -> KnownSession.Row? {
            guard let row = rows.removeValue(forKey: key) else { return nil }
            bytes -= SessionCache.bytes(of: row, key: key.key)
            return row
        }

        /// - Returns: whether there was a row.
        mutating func put(_ row: KnownSession.Row, for key: HashedSessionKey) -> Bool {
            bytes += SessionCache.bytes(of: row, key: key.key)
            guard let replaced = rows.updateValue(row, forKey: key) else { return false }
            bytes -= SessionCache.bytes(of: replaced, key: key.key)
            return true
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

    subscript(key: HashedSessionKey) -> KnownSession.Row? {
        mutating get {
            if let row = young.rows[key] { return row }
            guard let row = old.remove(key) else { return nil }
            insert(row, for: key)
            return row
        }
        set {
            if let newValue {
                insert(newValue, for: key)
            } else if young.remove(key) == nil {
                _ = old.remove(key)
            }
        }
    }

    /// Forgets everything, as after a COMMIT whose answer was lost.
    mutating func removeAll() {
        young = Generation()
        old = Generation()
    }

    private mutating func insert(_ row: KnownSession.Row, for key: HashedSessionKey) {
        if young.bytes + Self.bytes(of: row, key: key.key) > byteLimit / 2 {
            old = young
            young = Generation()
        }
        // A row is in one generation only: an older form in the other would come back, stale, when this one goes.
        if !young.put(row, for: key) { _ = old.remove(key) }
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
