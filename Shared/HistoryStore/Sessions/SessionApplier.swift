import Models

/// Folds events into session rows: what every writer of history uses.
///
/// It remembers the rows that it wrote. Whatever makes that memory doubtful (an error, a lost answer) empties it.
public actor SessionApplier {
    /// What became of the events of one call, all of which are committed.
    public struct Outcome: Sendable, Hashable {
        /// Counted now for the first time.
        public var applied = 0
        /// Counted before.
        public var duplicates = 0
        /// Dropped, as their member is erased.
        public var erased = 0
        /// Writes that lost a race and were folded again.
        public var lostRaces = 0
    }

    private let write: GuardedWrite
    private var cache: SessionCache

    /// - Parameters:
    ///   - connection: for this applier alone.
    ///   - cachedSessions: rows remembered at most; about 1 KiB each.
    public init(connection: PostgresConnection, cachedSessions: Int = 100_000) {
        write = GuardedWrite(connection: connection)
        cache = SessionCache(capacity: cachedSessions)
    }

    /// Returns once every event is in the database, whatever other writers do to the same sessions meanwhile.
    /// - Parameter deadLetters: written in the same transaction as the events.
    /// - Throws: ``PostgresError``. Some of the events may then be committed all the same; applying them again is harmless.
    public func apply(_ events: [PlaybackEvent], deadLetters: [DeadLetter] = []) async throws(PostgresError) -> Outcome {
        do {
            return try await applyUntilWritten(Dictionary(grouping: events, by: \.key), deadLetters: deadLetters)
        } catch {
            cache.removeAll()
            throw error
        }
    }

    private func applyUntilWritten(
        _ events: [SessionKey: [PlaybackEvent]], deadLetters: [DeadLetter]
    ) async throws(PostgresError) -> Outcome {
        var outcome = Outcome()
        var open = events
        var deadLetters = deadLetters
        var mustLoad = Set(events.filter { key, events in cache[key] == nil && !events.contains { $0.seq == 0 } }.keys)
        while !open.isEmpty || !deadLetters.isEmpty {
            let loaded = mustLoad.isEmpty ? [:] : try await write.load(Array(mustLoad))
            var round = Round()
            for (key, events) in open {
                if loaded[key]?.memberIsErased == true {
                    outcome.erased += events.count
                } else {
                    round.fold(events, of: key, onto: loaded[key] ?? KnownSession(row: cache[key]))
                }
            }
            outcome.duplicates += round.unchangedEvents
            let written = round.writes.isEmpty && deadLetters.isEmpty ? [:] : try await write.commit(round.writes, deadLetters: deadLetters)
            deadLetters = []
            var lost: [SessionKey: [PlaybackEvent]] = [:]
            for write in round.writes {
                if let revision = written[write.key] {
                    cache[write.key] = KnownSession.Row(state: write.state, revision: revision)
                    let new = round.newEvents[write.key] ?? 0
                    outcome.applied += new
                    outcome.duplicates += (open[write.key]?.count ?? 0) - new
                } else {
                    cache[write.key] = nil
                    lost[write.key] = open[write.key]
                    outcome.lostRaces += 1
                }
            }
            open = lost
            mustLoad = Set(lost.keys)
        }
        return outcome
    }

    /// What one transaction is to write. Pure.
    private struct Round {
        var writes: [SessionWrite] = []
        var newEvents: [SessionKey: Int] = [:]
        var unchangedEvents = 0

        mutating func fold(_ events: [PlaybackEvent], of key: SessionKey, onto known: KnownSession) {
            var state = known.row?.state
            var new = 0
            for event in events {
                if state == nil {
                    state = SessionState(event)
                    new += 1
                } else if state?.apply(event) == true {
                    new += 1
                }
            }
            guard let state, new > 0 else {
                unchangedEvents += events.count
                return
            }
            newEvents[key] = new
            writes.append(
                SessionWrite(
                    key: key, state: state,
                    condition: known.row.map { .revision($0.revision) } ?? .absent(epoch: known.epoch)))
        }
    }
}
