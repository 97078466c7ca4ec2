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
        /// Dropped, as their member is erased, or was when an edge received them.
        public var erased = 0
        /// Dropped, as their session ended before what is kept.
        public var expired = 0
        /// Compacted sessions that became rows again.
        public var broughtBack = 0
        /// Writes that lost a race and were folded again.
        public var lostRaces = 0
        /// Rows inserted or updated.
        public var writtenRows = 0
        /// Sessions whose row was remembered.
        public var cacheHits = 0
        /// Sessions that had to be read.
        public var loadedRows = 0
    }

    /// Of one transaction, so that it ends well within its time on a slow disk.
    private static let maximalRows = 4096
    /// Of one read, which may have to fetch each row from the disk.
    private static let maximalReads = 2048
    /// Two writers that meet lose a round or two. One that always loses has another reason.
    private static let maximalLostRounds = 30

    private let write: GuardedWrite
    private let keptSince: @Sendable () -> Timestamp?
    private let transactions: SessionTransactions
    private var cache: SessionCache

    /// - Parameters:
    ///   - connection: for this applier alone.
    ///   - cacheBytes: memory for the rows that it remembers, about.
    ///   - keptSince: events of sessions that ended before, in milliseconds since 1970, are dropped; nil: of none.
    ///   - keepsChanges: whether changes are announced by way of the outbox, in the same transaction: for who does not announce them himself.
    ///   - meetsOthers: whether others write the same sessions all the time, as no partition keeps them apart: then known and new rows are
    ///     written in transactions of their own, so that no two wait for each other in a circle.
    public init(
        connection: PostgresConnection, cacheBytes: Int = 32 << 20, keptSince: @escaping @Sendable () -> Timestamp? = { nil },
        keepsChanges: Bool = false, meetsOthers: Bool = false
    ) {
        write = GuardedWrite(connection: connection)
        transactions = SessionTransactions(write: write, keepsChanges: keepsChanges, meetsOthers: meetsOthers)
        self.keptSince = keptSince
        cache = SessionCache(byteLimit: cacheBytes)
    }

    /// Asks whether these sessions could be written now, without waiting for anybody.
    /// - Throws: ``PostgresError`` where they could not.
    public func probe(_ keys: [SessionKey]) async throws(PostgresError) {
        do {
            try await write.probe(keys)
        } catch {
            cache.removeAll()
            throw error
        }
    }

    /// Returns once every event is in the database, whatever other writers do to the same sessions meanwhile.
    /// - Parameters:
    ///   - deadLetters: written in the same transaction as the last of the writes that do not lose.
    ///   - readingFirst: whether every row is read before it is written: then an event that counts already is known for a duplicate even where
    ///     the database refuses every write.
    ///   - shadowed: members of whose new sessions it is noted that the shadow must have them too.
    /// - Throws: ``PostgresError``. Some of the events may then be committed all the same; applying them again is harmless.
    public func apply(
        _ events: [PlaybackEvent], deadLetters: [DeadLetter] = [], readingFirst: Bool = false, shadowed: Set<OpaqueID> = []
    ) async throws(PostgresError) -> Outcome {
        var touched: [TouchedSession] = []
        return try await apply(events, deadLetters: deadLetters, readingFirst: readingFirst, shadowed: shadowed, &touched)
    }

    /// The same, with what followers of the history must be told of: every session of the call, also those that it did not change. Another
    /// writer may have, and have ended before it told of them.
    /// - Returns: of each session its state after the call, at the latest; those that are hidden are left out.
    /// - Throws: as above.
    public func applyAndTell(
        _ events: [PlaybackEvent], deadLetters: [DeadLetter] = [], readingFirst: Bool = false
    ) async throws(PostgresError) -> (outcome: Outcome, changes: [HistoryChange]) {
        var touched: [TouchedSession] = []
        let outcome = try await apply(events, deadLetters: deadLetters, readingFirst: readingFirst, shadowed: [], &touched)
        do {
            return (outcome, try await write.visible(touched))
        } catch {
            cache.removeAll()
            throw error
        }
    }

    private func apply(
        _ events: [PlaybackEvent], deadLetters: [DeadLetter], readingFirst: Bool, shadowed: Set<OpaqueID>, _ touched: inout [TouchedSession]
    ) async throws(PostgresError) -> Outcome {
        do {
            return try await applyUntilWritten(
                SessionGroups(events), deadLetters: deadLetters, readingFirst: readingFirst, shadowed: shadowed, &touched)
        } catch {
            cache.removeAll()
            throw error
        }
    }

    private func applyUntilWritten(
        _ groups: SessionGroups, deadLetters: [DeadLetter], readingFirst: Bool, shadowed: Set<OpaqueID>, _ touched: inout [TouchedSession]
    ) async throws(PostgresError) -> Outcome {
        var outcome = Outcome()
        var deadLetters = deadLetters
        var lostRounds = 0
        var open = Array(groups.keys.indices)
        var known = readingFirst ? Array(repeating: nil, count: open.count) : remembered(groups, &outcome)
        var isRemembered = known.map { $0?.row != nil }
        while !open.isEmpty || !deadLetters.isEmpty {
            let unknown = open.filter { known[$0] == nil }
            outcome.loadedRows += unknown.count
            for start in stride(from: 0, to: unknown.count, by: Self.maximalReads) {
                let part = unknown[start..<min(start + Self.maximalReads, unknown.count)]
                for (session, read) in zip(part, try await write.load(part.map { groups.keys[$0].key })) {
                    known[session] = read
                    isRemembered[session] = false
                }
            }

            var round = WriteRound(keptSince: keptSince())
            for session in open {
                guard let onto = known[session] else { continue }
                if onto.memberIsErased {
                    outcome.erased += groups.count(session)
                    cache[groups.keys[session]] = nil
                } else {
                    round.fold(session, of: groups, onto: onto, isRemembered: isRemembered[session])
                }
            }
            outcome.duplicates += round.duplicates
            outcome.erased += round.erased
            outcome.expired += round.expired
            touched += round.unchanged.map { TouchedSession(key: $0.key, $0.row) }
            let lost = try await commit(round, groups, shadowed, &deadLetters, &outcome) {
                touched.append(TouchedSession($0, revision: $1))
            }
            outcome.lostRaces += lost.count
            lostRounds += lost.isEmpty ? 0 : 1
            guard lostRounds < Self.maximalLostRounds else {
                throw PostgresError(
                    .unexpectedResult,
                    "the same \(lost.count) rows were not written \(lostRounds) times: does a trigger or a rule keep them out?")
            }
            outcome.broughtBack += try await bringBack(round.comingBack.map { groups.keys[$0].key })
            open = lost + round.unsure + round.comingBack
            for session in open { known[session] = nil }
        }
        return outcome
    }

    private func bringBack(_ keys: [SessionKey]) async throws(PostgresError) -> Int {
        var count = 0
        for (member, keys) in Dictionary(grouping: keys, by: \.memberId) {
            count += try await BringBack(connection: write.connection).run(Set(keys.map(\.sessionId)), of: member)
        }
        return count
    }

    /// What is known without a read: rows written lately, and sessions that begin in this batch.
    private func remembered(_ groups: SessionGroups, _ outcome: inout Outcome) -> [KnownSession?] {
        groups.keys.indices.map { session in
            if let row = cache[groups.keys[session]] {
                outcome.cacheHits += 1
                return KnownSession(row: row, takenFrom: row.takenFrom)
            }
            return groups.indices(session).contains { groups.events[$0].seq == 0 } ? KnownSession(row: nil) : nil
        }
    }

    /// Writes a round in transactions of bounded size, the dead letters with the last.
    /// - Returns: the sessions whose write lost a race.
    private func commit(
        _ round: WriteRound, _ groups: SessionGroups, _ shadowed: Set<OpaqueID>, _ deadLetters: inout [DeadLetter],
        _ outcome: inout Outcome,
        onWritten: (SessionWrite, Int64) -> Void
    ) async throws(PostgresError) -> [Int] {
        var lost: [Int] = []
        var next = 0
        while next < round.writes.count || (next == 0 && !deadLetters.isEmpty) {
            let part = next..<min(next + Self.maximalRows, round.writes.count)
            let letters = part.upperBound == round.writes.count ? deadLetters : []
            let revisions = try await transactions.commitUnlessDeadlocked(Array(round.writes[part]), letters, shadowed)
            if revisions != nil, !letters.isEmpty { deadLetters = [] }
            for (index, revision) in zip(part, revisions ?? Array(repeating: nil, count: part.count)) {
                let write = round.writes[index]
                let session = round.sessions[index]
                cache[groups.keys[session]] = revision.map {
                    KnownSession.Row(state: write.state, revision: $0, takenFrom: write.takenFrom)
                }
                guard let revision else {
                    lost.append(session)
                    continue
                }
                outcome.writtenRows += 1
                outcome.applied += round.newEvents[index]
                outcome.erased += round.erasedEvents[index]
                outcome.duplicates += groups.count(session) - round.newEvents[index] - round.erasedEvents[index]
                onWritten(write, revision)
            }
            next = part.upperBound
            if part.isEmpty { break }
        }
        return lost
    }
}
