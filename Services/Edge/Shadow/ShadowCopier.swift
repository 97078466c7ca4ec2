import Batching
import BlockingClient
import CoreMetrics
import EventStream
import Logging
import Metrics
import Models
import ServiceKit

/// Copies events of shadowed members into streams of their own, once the database has them. It can neither slow nor fail the request.
///
/// A copy that cannot be made is dropped, and noted: the session is left out when the two histories are compared.
final class ShadowCopier: Sendable {
    /// Events that are to be copied, from before their writing on.
    struct Copy: Sendable {
        fileprivate let events: [PlaybackEvent]
        /// nil where the journal did not take it.
        fileprivate let number: Int?
    }

    private static let journalRest = Duration.seconds(1)
    /// On `/readyz`.
    static let part = "shadow copies"

    /// What becomes of the number that the journal gives to a copy.
    private enum Handover {
        case waiting
        case begun(Int)
        /// The request did not wait any longer.
        case late
    }

    /// How long a copy may take.
    private static let copyTimeout = Duration.seconds(2)

    private let appender: StreamAppender?
    private let journal: CopyJournal?
    private let partitions: Int
    private let journalPatience: Duration
    private let readiness: Readiness
    private let logger: Logger
    private let counts = LockedValue((copied: 0, notCopied: 0, underWay: 0))
    /// Until when the journal is left alone, as it did not answer in time: else what waits for it would pile up.
    private let journalRests = LockedValue(ContinuousClock.now)
    /// Those of copies that are in no journal and were not made.
    let unjournalled = UnjournalledSessions()
    private let copied = Counter(label: "playhead_edge_shadow_events_total", dimensions: [("outcome", "copied")])
    private let notCopied = Counter(label: "playhead_edge_shadow_events_total", dimensions: [("outcome", "not_copied")])

    /// - Parameters:
    ///   - appender: to the streams of the shadow; nil where there are none, so that nothing is copied.
    ///   - journal: nil where there is no disk for it: then what was not copied is forgotten with the process.
    ///   - journalPatience: how long a request waits for the journal, which takes some microseconds.
    init(
        appender: StreamAppender?, journal: CopyJournal?, partitions: Int, journalPatience: Duration, readiness: Readiness, logger: Logger
    ) {
        self.readiness = readiness
        self.logger = logger
        self.journalPatience = journalPatience
        self.appender = appender
        self.journal = journal
        self.partitions = partitions
    }

    /// Before the events are written.
    func begin(_ events: [PlaybackEvent]) async -> Copy {
        guard let journal, journalRests.withLock({ $0 <= .now }) else { return Copy(events: events, number: nil) }
        let keys = Array(Set(events.map(\.key)))
        // Whoever comes first decides: a number that nobody takes would stay open for ever.
        let handover = LockedValue(Handover.waiting)
        _ = await result(within: journalPatience) {
            let number = try await journal.begin(keys)
            let isTaken = handover.withLock { handover in
                if case .late = handover { return false }
                handover = .begun(number)
                return true
            }
            if !isTaken { await journal.end(number, isCopied: false) }
        }
        let number = handover.withLock { handover -> Int? in
            if case .begun(let number) = handover { return number }
            handover = .late
            return nil
        }
        if number == nil { journalRests.withLock { $0 = .now + Self.journalRest } }
        return Copy(events: events, number: number)
    }

    /// Once the events are written: copies them, after this has returned.
    func copy(_ copy: Copy) {
        guard let appender else { return fail(copy, "PLAYHEAD_SHADOW_REDIS_URL is not set") }
        guard copy.number != nil || journal == nil else { return fail(copy, "the journal of copies did not take it in time") }
        counts.withLock { $0.underWay += 1 }
        Task {
            do {
                try await appender.append(
                    PartitionBatch.batches(of: copy.events, partitions: partitions), deadline: .now + Self.copyTimeout)
                readiness.works(Self.part, logger: logger)
                end(copy, isCopied: true)
            } catch {
                fail(copy, "\(error)")
            }
            counts.withLock { $0.underWay -= 1 }
        }
    }

    private func fail(_ copy: Copy, _ reason: String) {
        readiness.fails(Self.part, "copies are not made: \(reason)", isDegradedOnly: true, logger: logger)
        end(copy, isCopied: false)
    }

    /// The events were not written, or nobody can tell: they are not copied.
    func abandon(_ copy: Copy) {
        end(copy, isCopied: false)
    }

    /// The events were certainly not written: there is nothing to copy.
    func drop(_ copy: Copy) {
        guard let number = copy.number, let journal else { return }
        Task { await journal.end(number, isCopied: true) }
    }

    private func end(_ copy: Copy, isCopied: Bool) {
        (isCopied ? copied : notCopied).increment(by: copy.events.count)
        counts.withLock { counts in
            if isCopied { counts.copied += copy.events.count } else { counts.notCopied += copy.events.count }
        }
        if let number = copy.number, let journal {
            Task { await journal.end(number, isCopied: isCopied) }
        } else if !isCopied {
            unjournalled.insert(copy.events.map(\.key))
        }
    }

    /// Whether it is known of every copy what became of it.
    var isSettled: Bool {
        counts.withLock { $0.underWay == 0 } && journal?.counts.withLock { $0.open == 0 } ?? true && unjournalled.count == 0
    }

    /// Sessions of which a copy is missing, and the database does not know it yet.
    var untoldSessions: Int {
        unjournalled.count + (journal?.counts.withLock { $0.untold } ?? 0)
    }

    func add(to report: inout EdgeReport) {
        report.makesCopies = appender != nil
        (report.copied, report.notCopied) = counts.withLock { ($0.copied, $0.notCopied) }
        report.untoldSessions = untoldSessions
    }
}
