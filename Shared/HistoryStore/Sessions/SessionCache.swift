import Models

/// Rows that this process wrote lately, so that the next events of a running session cost no read.
///
/// Two generations instead of a list in order of use: when the young one is full it becomes the old one, and what is found in the
/// old one moves back. A stale row does no harm: the write that folds onto it loses, and the row is read.
struct SessionCache: Sendable {
    let capacity: Int
    private var young: [SessionKey: KnownSession.Row] = [:]
    private var old: [SessionKey: KnownSession.Row] = [:]

    /// - Parameter capacity: sessions kept at most.
    init(capacity: Int) {
        self.capacity = max(capacity, 2)
    }

    var count: Int { young.count + old.count }

    subscript(key: SessionKey) -> KnownSession.Row? {
        mutating get {
            if let row = young[key] { return row }
            guard let row = old.removeValue(forKey: key) else { return nil }
            insert(row, for: key)
            return row
        }
        set {
            old[key] = nil
            young[key] = nil
            if let newValue { insert(newValue, for: key) }
        }
    }

    /// Forgets everything, as after a COMMIT whose answer was lost.
    mutating func removeAll() {
        young.removeAll(keepingCapacity: true)
        old.removeAll()
    }

    private mutating func insert(_ row: KnownSession.Row, for key: SessionKey) {
        if young.count >= capacity / 2 {
            old = young
            young = [:]
            young.reserveCapacity(capacity / 2)
        }
        young[key] = row
    }
}
