import BlockingClient
import CoreMetrics
import EventStream
import HistoryStore
import Logging
import Models
import Wire

/// Applies entries to the database: the good in them as one fold, what can never be applied as dead letters.
struct EntryApplier: Sendable {
    enum Verdict {
        /// Everything is committed, perhaps as dead letters.
        case applied
        /// Nothing may be acknowledged: see ``PoisonBreaker``.
        case tooMuchPoison
    }

    let applier: SessionApplier
    let breaker: PoisonBreaker
    let metrics: ProcessorMetrics
    let logger: Logger
    /// Milliseconds since 1970.
    let now: @Sendable () -> Timestamp

    /// - Throws: ``PostgresError`` for everything but refused data. Applying the entries again is harmless.
    func apply(_ entries: [StreamEntry]) async throws(PostgresError) -> Verdict {
        let batch = EntryBatch(entries)
        guard breaker.admits(good: batch.events.count, dead: batch.deadLetters.count, reason: batch.deadLetters.last?.reason ?? "") else {
            return .tooMuchPoison
        }
        guard try await refusal(of: batch.events, with: batch.deadLetters) != nil else {
            note(batch.events, batch.deadLetters)
            return .applied
        }
        guard let refused = try await applyAllBut(entries, known: batch.deadLetters.count) else { return .tooMuchPoison }
        let deadLetters = batch.deadLetters + refused
        _ = try await applier.apply([], deadLetters: deadLetters)
        note(batch.events, deadLetters)
        return .applied
    }

    /// Applies entries if nothing in them would become a dead letter.
    /// - Returns: false if something would; nothing is committed then.
    /// - Throws: as ``apply(_:)``
    func applyIfGood(_ entries: [StreamEntry]) async throws(PostgresError) -> Bool {
        let batch = EntryBatch(entries)
        guard batch.deadLetters.isEmpty, try await refusal(of: batch.events, with: []) == nil else { return false }
        note(batch.events, [])
        return true
    }

    /// Sets a whole entry aside without looking into it.
    /// - Throws: as ``apply(_:)``
    func bury(_ entry: StreamEntry, reason: String) async throws(PostgresError) -> Verdict {
        guard breaker.admits(good: 0, dead: entry.weight, reason: reason) else { return .tooMuchPoison }
        let letter = DeadLetter(entry, reason: reason)
        _ = try await applier.apply([], deadLetters: [letter])
        breaker.note(good: 0, dead: entry.weight)
        report([letter])
        return .applied
    }

    /// Finds the events that the database refuses, and applies all others: each on the rows that are committed by then.
    /// - Returns: the dead letters to write; nil where they are too many.
    private func applyAllBut(_ entries: [StreamEntry], known: Int) async throws(PostgresError) -> [DeadLetter]? {
        var located = entries.flatMap { entry in EntryBatch([entry]).events.map { (event: $0, entry: entry) } }
        // So that most parts hold whole sessions.
        located.sort { $0.event.key == $1.event.key ? $0.event.seq < $1.event.seq : $0.event.key < $1.event.key }
        let total = located.count
        var found = known
        do throws(Abandoned) {
            return try await Bisection.offenders(in: located[...]) { part throws(Abandoned) in
                let refusal: PostgresError?
                do throws(PostgresError) {
                    refusal = try await self.refusal(of: part.map(\.event), with: [])
                } catch {
                    throw .failed(error)
                }
                if let refusal, part.count == 1 {
                    found += 1
                    guard breaker.admits(good: total - found, dead: found, reason: refusal.description) else { throw .tooMuchPoison }
                }
                return refusal
            }.map { DeadLetter($0.item.event, of: $0.item.entry, refusedBy: $0.refusal) }
        } catch {
            guard case .failed(let error) = error else { return nil }
            throw error
        }
    }

    private enum Abandoned: Error {
        case failed(PostgresError)
        case tooMuchPoison
    }

    /// - Returns: why PostgreSQL refuses the data; nil where everything is committed.
    private func refusal(of events: [PlaybackEvent], with deadLetters: [DeadLetter]) async throws(PostgresError) -> PostgresError? {
        let began = ContinuousClock.now
        do throws(PostgresError) {
            metrics.note(try await applier.apply(events, deadLetters: deadLetters), took: .now - began)
            return nil
        } catch let error where error.failureClass == .data {
            return error
        }
    }

    private func note(_ events: [PlaybackEvent], _ deadLetters: [DeadLetter]) {
        metrics.noteDelays(of: events, committedAt: now())
        breaker.note(good: events.count, dead: deadLetters.count)
        report(deadLetters)
    }

    private func report(_ letters: [DeadLetter]) {
        metrics.dead.increment(by: letters.count)
        for letter in letters {
            logger.error(
                "dead letter", metadata: ["stream": "\(letter.stream)", "entry": "\(letter.entryID)", "reason": "\(letter.reason)"])
        }
    }
}
