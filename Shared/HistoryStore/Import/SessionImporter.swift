import Models

/// Writes sessions that were exported with their state, where there are none of their keys.
///
/// Two states of one session cannot be joined: it is not known which events they share. So what is there stays.
public struct SessionImporter: Sendable {
    /// What became of sessions.
    public struct Outcome: Sendable, Hashable {
        public var written = 0
        /// There already, and equal.
        public var same = 0
        /// There already, and different: left as they are.
        public var different: [SessionKey] = []
        /// Of members that are erased.
        public var erased = 0
        /// Ended before what is kept.
        public var expired = 0

        public init() {}
    }

    private let write: GuardedWrite
    private let keptSince: Timestamp?

    /// - Parameters:
    ///   - connection: for this importer alone.
    ///   - keptSince: sessions that ended before, in milliseconds since 1970, are left out; nil: none are.
    public init(connection: PostgresConnection, keptSince: Timestamp? = nil) {
        write = GuardedWrite(connection: connection)
        self.keptSince = keptSince
    }

    /// - Parameter sessions: each key once.
    /// - Throws: ``PostgresError``; importing again goes on where it stopped.
    public func write(_ sessions: [(key: SessionKey, state: SessionState)]) async throws(PostgresError) -> Outcome {
        var outcome = Outcome()
        var open = sessions.filter { session in keptSince.map { session.state.endedAt >= $0 } ?? true }.sorted { $0.key < $1.key }
        outcome.expired = sessions.count - open.count
        while !open.isEmpty {
            let known = try await write.load(open.map(\.key))
            var writes: [SessionWrite] = []
            for (session, known) in zip(open, known) {
                if known.memberIsErased {
                    outcome.erased += 1
                } else if let row = known.row {
                    if row.state == session.state { outcome.same += 1 } else { outcome.different.append(session.key) }
                } else {
                    writes.append(SessionWrite(key: session.key, state: session.state, condition: .absent(epoch: known.epoch)))
                }
            }
            let revisions = try await write.commit(writes, deadLetters: [], keepsChanges: true)
            let lost = Set(zip(writes, revisions).filter { $1 == nil }.map(\.0.key))
            outcome.written += writes.count - lost.count
            open = open.filter { lost.contains($0.key) }
        }
        return outcome
    }
}
