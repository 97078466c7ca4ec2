import BlockingClient

/// Why a request's events were not written.
public enum CommitFailure: Error, Hashable, CustomStringConvertible {
    /// Not in time. They may be written all the same, now or later.
    case overdue
    /// Too much waits already; nothing was tried.
    case full(waitingBytes: Int)
    /// What waited was sent away before it was tried.
    case turnedAway

    public var description: String {
        switch self {
        case .overdue: "not written in time"
        case .full(let bytes): "\(bytes) bytes of events wait to be written"
        case .turnedAway: "not tried, as writing fails"
        }
    }
}

/// The batches of many requests that wait for a writer, and the requests that wait for it.
///
/// While no writer is free, requests gather; the first free one takes all of them. So at low load a request waits for nothing, and
/// under load a write and its sync are shared. Each request is answered by its deadline, even when a writer hangs.
public final class CommitQueue: Sendable {
    public typealias Entry = GroupCommit<CommitTicket>.Entry

    private struct State {
        var waiting = GroupCommit<CommitTicket>()
        /// Not answered yet, or since the last sweep.
        var open: [CommitTicket] = []
        var isSweeping = false
    }

    private static let sweepInterval = Duration.milliseconds(25)

    private let state = LockedValue(State())
    private let maximalBytes: Int

    /// - Parameter maximalBytes: of payload that may wait; past it requests are refused.
    public init(maximalBytes: Int) {
        self.maximalBytes = maximalBytes
    }

    /// Events that wait for a writer.
    public var waitingEvents: Int { state.withLock { $0.waiting.entries.reduce(0) { $0 + $1.batch.eventCount } } }

    /// Payload that waits for a writer.
    public var waitingBytes: Int { state.withLock { $0.waiting.waitingBytes } }

    public var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// Requests that are not answered yet.
    public var openRequests: Int { state.withLock { $0.open.count { !$0.isAnswered } } }

    /// Requests in memory: those, and what was answered since the last sweep.
    var heldRequests: Int { state.withLock { $0.open.count } }

    /// Returns once every batch is written.
    /// - Parameters:
    ///   - deadline: when to give up, to the 25 ms of a sweep.
    ///   - onWaiting: wakes a writer.
    /// - Throws: ``CommitFailure``, or what ``settle(_:failure:)`` was told.
    public func submit(
        _ batches: [PartitionBatch], deadline: ContinuousClock.Instant, onWaiting: () -> Void
    ) async throws {
        guard !batches.isEmpty else { return }
        try await withCheckedThrowingContinuation { continuation in
            let ticket = CommitTicket(batches: batches.count, deadline: deadline, continuation: continuation)
            let (waitingBytes, startsSweep) = state.withLock { state -> (Int?, Bool) in
                guard state.waiting.waitingBytes < maximalBytes else { return (state.waiting.waitingBytes, false) }
                for batch in batches { state.waiting.add(batch, ticket: ticket) }
                state.open.append(ticket)
                defer { state.isSweeping = true }
                return (nil, !state.isSweeping)
            }
            if let waitingBytes { return ticket.giveUp(CommitFailure.full(waitingBytes: waitingBytes)) }
            if startsSweep { Task { await sweep() } }
            onWaiting()
        }
    }

    /// Everything that waits.
    public func takeAll() -> [Entry] {
        state.withLock { $0.waiting.takeAll() }
    }

    /// Notes what became of an entry that was taken.
    public func settle(_ entry: Entry, failure: (any Error)? = nil) {
        for ticket in entry.tickets { ticket.settle(failure) }
    }

    /// Answers all that still wait: writing fails, and waiting would only cost their time.
    public func turnAway() {
        for entry in takeAll() { settle(entry, failure: CommitFailure.turnedAway) }
    }

    /// Runs while requests are open.
    private func sweep() async {
        while true {
            try? await Task.sleep(for: Self.sweepInterval)
            let now = ContinuousClock.now
            let (overdue, isDone) = state.withLock { state -> ([CommitTicket], Bool) in
                state.open.removeAll { $0.isAnswered }
                let overdue = state.open.filter { $0.deadline <= now }
                if !overdue.isEmpty { state.open.removeAll { $0.deadline <= now } }
                state.isSweeping = !state.open.isEmpty
                return (overdue, state.open.isEmpty)
            }
            for ticket in overdue { ticket.giveUp(CommitFailure.overdue) }
            if isDone { return }
        }
    }
}
