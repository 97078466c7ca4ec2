import Models

/// A session's key with its hash, which is worked out once for all the look-ups of a batch.
struct HashedSessionKey: Sendable, Hashable {
    let key: SessionKey
    /// By the process' own random seed: ids come from clients, who must not be able to make them collide.
    private let hash: Int

    init(_ key: SessionKey) {
        self.key = key
        var hasher = Hasher()
        hasher.combine(key)
        hash = hasher.finalize()
    }

    static func == (left: HashedSessionKey, right: HashedSessionKey) -> Bool {
        left.hash == right.hash && left.key == right.key
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}
