import BlockingClient
import CoreMetrics
import EventStream
import HistoryStore
import Logging
import Models

/// Applies entries to the database: the good in them as one fold, what can never be applied as dead letters.
struct EntryApplier: Sendable {
    /// What became of entries.
    enum Verdict {
        /// Everything is committed, perhaps as dead letters.
        case applied(writtenRows: Int)
        /// The others than those that were reported would make too many dead letters, and may not be acknowledged.
        case tooMuchPoison
        /// It was not to go on. What is committed may not be announced.
        case stopped
    }

    /// Decides whether so many dead letters, among so many events that were decided on together, may be written.
    typealias Judge = @Sendable (_ good: Int, _ dead: Int, _ reason: String) -> Bool

    /// Is told of entries that are committed before all of them are, and decides whether to go on: what is refused takes long.
    typealias Progress = ([StreamEntry]) async -> Bool

    /// Of this process, which does its work in parallel.
    let lane: Int
    let applier: SessionApplier
    /// nil where nobody follows.
    let announcer: ChangeAnnouncer?
    let breaker: PoisonBreaker
    let metrics: ProcessorMetrics
    let logger: Logger
    /// Milliseconds since 1970.
    let now: @Sendable () -> Timestamp

    /// Asks whether an entry's rows could be written now without waiting for anybody.
    /// - Throws: ``PostgresError``
    func probe(_ entry: StreamEntry) async throws(PostgresError) {
        try await applier.probe(EntryBatch([entry]).events.map(\.key))
    }

    /// Applies entries unless the breaker objects, and opens it then. Their changes are announced before it returns.
    /// - Throws: ``PostgresError`` for everything but refused data. Applying the entries again is harmless.
    func apply(
        _ entries: [StreamEntry], progress: Progress = { _ in true }
    ) async throws(PostgresError) -> Verdict {
        try await apply(entries, judge: { breaker.admits(lane: lane, good: $0, dead: $1, reason: $2) }, progress: progress)
    }

    /// Applies an entry while the breaker is open, if at most a fifth of it would become dead letters.
    /// - Throws: as ``apply(_:)``
    func tryOut(_ entry: StreamEntry) async throws(PostgresError) -> Verdict {
        try await apply(
            [entry], judge: { good, dead, _ in dead * PoisonWindow.size <= (good + dead) * PoisonWindow.limit },
            progress: { _ in true })
    }

    /// Sets a whole entry aside without looking into it.
    /// - Throws: as ``apply(_:)``
    func bury(_ entry: StreamEntry, reason: String) async throws(PostgresError) {
        let letter = DeadLetter(entry, reason: reason)
        _ = try await applier.apply([], deadLetters: [letter])
        breaker.note(lane: lane, good: 0, dead: 1)
        report([letter])
    }

    private func apply(
        _ entries: [StreamEntry], judge: Judge, progress: Progress
    ) async throws(PostgresError) -> Verdict {
        let batch = EntryBatch(entries)
        if batch.deadLetters.isEmpty {
            switch try await attempt(batch.events, with: []) {
            case .committed(let outcome):
                note(batch.events, dead: [])
                return .applied(writtenRows: outcome.writtenRows)
            case .stopped: return .stopped
            case .refused: break
            }
        }
        // In the order of arrival and in parts that the breaker can judge; what is done is done, whatever comes after.
        var writtenRows = 0
        for part in EntryBatch.parts(of: entries, events: PoisonWindow.size) {
            do throws(Abandoned) {
                writtenRows += try await applyAllBut(part, judge: judge)
            } catch {
                switch error {
                case .failed(let error): throw error
                case .tooMuchPoison: return .tooMuchPoison
                case .stopped: return .stopped
                }
            }
            guard await progress(part) else { return .stopped }
        }
        return .applied(writtenRows: writtenRows)
    }

    /// Finds the events that the database refuses, and applies all others: each on the rows that are committed by then.
    /// - Returns: how many rows were written.
    /// - Throws: also where there would be too many dead letters: then no dead letter was written, though some rows may be.
    private func applyAllBut(_ entries: [StreamEntry], judge: Judge) async throws(Abandoned) -> Int {
        let batch = EntryBatch(entries)
        let total = batch.events.count + batch.deadLetters.count
        var found = batch.deadLetters.count
        if found > 0, !judge(total - found, found, batch.deadLetters[0].reason) { throw .tooMuchPoison }
        if case .success(let outcome) = try await attemptPart(batch.events, with: batch.deadLetters) {
            note(batch.events, dead: batch.deadLetters)
            return outcome.writtenRows
        }
        var located = entries.flatMap { entry in EntryBatch([entry]).events.map { (event: $0, entry: entry) } }
        // So that most parts hold whole sessions.
        located.sort { $0.event.key == $1.event.key ? $0.event.seq < $1.event.seq : $0.event.key < $1.event.key }
        var writtenRows = 0
        let offenders = try await Bisection.offenders(in: located[...]) { part throws(Abandoned) -> PostgresError? in
            switch try await self.attemptPart(part.map(\.event), readingFirst: true) {
            case .success(let outcome):
                writtenRows += outcome.writtenRows
                return nil
            case .failure(let refusal):
                found += part.count == 1 ? 1 : 0
                guard part.count > 1 || judge(total - found, found, refusal.description) else { throw .tooMuchPoison }
                return refusal
            }
        }
        let letters =
            batch.deadLetters
            + offenders.map {
                DeadLetter($0.item.event, stream: $0.item.entry.stream, entryID: $0.item.entry.id.description, refusedBy: $0.refusal)
            }
        do throws(PostgresError) { _ = try await applier.apply([], deadLetters: letters) } catch { throw .failed(error) }
        note(batch.events, dead: letters)
        return writtenRows
    }

    /// Part of what an earlier attempt may have committed.
    private func attemptPart(
        _ events: [PlaybackEvent], with deadLetters: [DeadLetter] = [], readingFirst: Bool = false
    ) async throws(Abandoned) -> Result<SessionApplier.Outcome, PostgresError> {
        let result: Attempt
        do throws(PostgresError) {
            result = try await attempt(events, with: deadLetters, readingFirst: readingFirst)
        } catch {
            throw .failed(error)
        }
        switch result {
        case .committed(let outcome): return .success(outcome)
        case .refused(let refusal): return .failure(refusal)
        case .stopped: throw .stopped
        }
    }

    private enum Abandoned: Error {
        case failed(PostgresError)
        case tooMuchPoison
        case stopped
    }

    private enum Attempt {
        /// And announced.
        case committed(SessionApplier.Outcome)
        /// Why PostgreSQL refuses the data.
        case refused(PostgresError)
        /// Committed, and not announced.
        case stopped
    }

    private func attempt(
        _ events: [PlaybackEvent], with deadLetters: [DeadLetter], readingFirst: Bool = false
    ) async throws(PostgresError) -> Attempt {
        let began = ContinuousClock.now
        let changes: [HistoryChange]
        let outcome: SessionApplier.Outcome
        do throws(PostgresError) {
            (outcome, changes) = try await applier.applyAndTell(events, deadLetters: deadLetters, readingFirst: readingFirst)
        } catch {
            guard error.failureClass == .data else { throw error }
            return .refused(error)
        }
        metrics.note(outcome, took: .now - began)
        do throws(Interruption) { try await announcer?.announce(changes) } catch { return .stopped }
        return .committed(outcome)
    }

    /// - Parameter dead: events that were refused, which are among `events`, and what did not decode, which is not.
    private func note(_ events: [PlaybackEvent], dead letters: [DeadLetter]) {
        metrics.noteDelays(of: events, committedAt: now())
        breaker.note(lane: lane, good: events.count - letters.count { $0.key != nil }, dead: letters.count)
        report(letters)
    }

    private func report(_ letters: [DeadLetter]) {
        metrics.dead.increment(by: letters.count)
        for letter in letters {
            logger.error(
                "dead letter", metadata: ["stream": "\(letter.stream)", "entry": "\(letter.entryID)", "reason": "\(letter.reason)"])
        }
    }
}
