import BlockingClient
import CoreMetrics
import HistoryStore
import Logging
import Metrics
import Models
import Synchronization

/// The synchronous path: folds events and commits them to PostgreSQL, by the same fold and the same guarded write as the processors.
///
/// As synchronous services have it, a request waits for one of a few connections, then for the database. What waits is bounded, and each request
/// has a deadline: that is all the back pressure there is, and it reaches the devices.
final class DatabaseWriter: Sendable {
    /// Why events were not written. Some of them may be all the same; sending them again is harmless.
    enum Failure: Error, CustomStringConvertible {
        /// No connection was free in time, or too many requests wait for one.
        case busy(String)
        /// A connection was, and there was no answer in time.
        case overdue
        case failed(PostgresError)
        /// The database refuses so much that it had better be looked into than set aside.
        case tooMuchRefused(PostgresError)

        var isLostConnection: Bool {
            if case .failed(let error) = self { [.connection, .backingOff].contains(error.kind) } else { false }
        }

        /// Nothing was tried.
        var isBusy: Bool { if case .busy = self { true } else { false } }

        var description: String {
            switch self {
            case .busy(let reason): "every connection to the database is busy: \(reason)"
            case .overdue: "the database does not answer in time"
            case .failed(let error): "\(error)"
            case .tooMuchRefused(let error): "the database refuses too much of what is written; the last: \(error)"
            }
        }
    }

    private static let lostPatience = Duration.milliseconds(500)
    private static let lostPause = Duration.milliseconds(20)

    /// What stands for a stream in dead letters of this path.
    private static let stream = "sync"

    private let turns: Turns<SessionApplier>
    private let logger: Logger
    private let window = Mutex(PoisonWindow())
    private let writeSeconds = Metrics.Timer(label: "playhead_edge_sync_write_seconds")
    private let deadLetters = Counter(label: "playhead_edge_events_total", dimensions: [("outcome", "dead")])

    /// - Parameters:
    ///   - appliers: each with a connection of its own, and no memory: another one may write the same session next.
    ///   - maximalWaiting: requests that may wait for one.
    init(appliers: [SessionApplier], maximalWaiting: Int, logger: Logger) {
        self.logger = logger
        turns = Turns(appliers, maximalWaiting: maximalWaiting)
    }

    /// Returns once every event is committed; one that the database refuses is, as a dead letter.
    /// - Parameter shadowed: members of whose new sessions it is noted that the shadow must have them too.
    func commit(_ events: [PlaybackEvent], shadowed: Set<OpaqueID>, deadline: ContinuousClock.Instant) async throws(Failure) {
        let applier: SessionApplier
        do {
            // Half of what is left, or under too much load whoever is next has no time left to write in: all would come too late.
            applier = try await turns.take(within: (deadline - .now) / 2)
        } catch {
            throw .busy("\(error)")
        }
        let began = ContinuousClock.now
        let outcome = await result(within: deadline - began) { [self] in
            let outcome = await Self.outcome { () async throws(Failure) in
                try await writeWhileLost(events, shadowed: shadowed, over: applier, deadline: deadline)
            }
            // Also where nobody waits any more.
            await turns.giveBack(applier)
            return try outcome.get()
        }
        writeSeconds.recordNanoseconds(Int64((ContinuousClock.now - began) / .nanoseconds(1)))
        switch outcome {
        case nil: throw .overdue
        case .success: return
        case .failure(let error as Failure): throw error
        case .failure(let error): throw .failed(PostgresError(.unexpectedResult, "\(error)"))
        }
    }

    private static func outcome(_ work: () async throws(Failure) -> Void) async -> Result<Void, Failure> {
        do {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }

    /// All connections are lost with a server that was restarted: each is found out by a write, which is tried again over a new one.
    private func writeWhileLost(
        _ events: [PlaybackEvent], shadowed: Set<OpaqueID>, over applier: SessionApplier, deadline: ContinuousClock.Instant
    ) async throws(Failure) {
        let giveUp = min(ContinuousClock.now + Self.lostPatience, deadline)
        while true {
            do throws(Failure) {
                return try await write(events, shadowed: shadowed, over: applier)
            } catch {
                guard error.isLostConnection, ContinuousClock.now < giveUp else { throw error }
                try? await Task.sleep(for: Self.lostPause)
            }
        }
    }

    private func write(_ events: [PlaybackEvent], shadowed: Set<OpaqueID>, over applier: SessionApplier) async throws(Failure) {
        do throws(PostgresError) {
            _ = try await applier.apply(events, shadowed: shadowed)
            window.withLock { $0.note(good: events.count, dead: 0) }
        } catch {
            guard error.failureClass == .data else { throw .failed(error) }
            try await writeAllBut(events, shadowed: shadowed, over: applier)
        }
    }

    /// Finds the events that the database refuses, and applies all others.
    private func writeAllBut(_ events: [PlaybackEvent], shadowed: Set<OpaqueID>, over applier: SessionApplier) async throws(Failure) {
        let ordered = events.sorted { $0.key < $1.key }
        let offenders = try await Bisection.offenders(in: ordered[...]) { part throws(Failure) -> PostgresError? in
            do throws(PostgresError) {
                _ = try await applier.apply(Array(part), readingFirst: true, shadowed: shadowed)
                return nil
            } catch {
                guard error.failureClass == .data else { throw .failed(error) }
                return error
            }
        }
        guard let last = offenders.last else { return }
        let dead = offenders.count
        let isAdmitted = window.withLock { window in
            guard window.admits(good: events.count - dead, dead: dead) else { return false }
            window.note(good: events.count - dead, dead: dead)
            return true
        }
        guard isAdmitted else { throw .tooMuchRefused(last.refusal) }
        let letters = offenders.map { DeadLetter($0.item, stream: Self.stream, entryID: "-", refusedBy: $0.refusal) }
        do throws(PostgresError) { _ = try await applier.apply([], deadLetters: letters) } catch { throw .failed(error) }
        deadLetters.increment(by: dead)
        for letter in letters {
            logger.error(
                "dead letter", metadata: ["stream": "\(letter.stream)", "entry": "\(letter.entryID)", "reason": "\(letter.reason)"])
        }
    }
}
