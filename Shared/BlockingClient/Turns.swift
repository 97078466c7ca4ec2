import DequeModule

/// A fixed number of things that requests take in turn, as connections. Those that wait are bounded in number and time.
public actor Turns<Resource: Sendable> {
    /// Why a request gets none.
    public enum Refusal: Error, Hashable, CustomStringConvertible {
        /// Too many wait already.
        case full(waiting: Int)
        /// None became free in time.
        case overdue

        public var description: String {
            switch self {
            case .full(let waiting): "\(waiting) requests wait already"
            case .overdue: "none was free in time"
            }
        }
    }

    private struct Waiting {
        let ticket: Int
        let continuation: CheckedContinuation<Resource, any Error>
    }

    /// In turn: one that has just failed is not the next to be tried again.
    private var idle: Deque<Resource>
    private var waiting: Deque<Waiting> = []
    private var nextTicket = 0
    private let maximalWaiting: Int

    /// - Parameter maximalWaiting: requests that may wait; more are refused at once.
    public init(_ resources: [Resource], maximalWaiting: Int) {
        idle = Deque(resources)
        self.maximalWaiting = maximalWaiting
    }

    /// Requests that wait.
    public var waitingCount: Int { waiting.count }

    /// The first that is free; it is to be given back.
    public func take(within limit: Duration) async throws(Refusal) -> Resource {
        if let resource = idle.popFirst() { return resource }
        guard waiting.count < maximalWaiting else { throw .full(waiting: waiting.count) }
        nextTicket += 1
        let ticket = nextTicket
        let overdue = Task {
            try await Task.sleep(for: limit)
            giveUp(ticket)
        }
        defer { overdue.cancel() }
        do {
            return try await withCheckedThrowingContinuation { waiting.append(Waiting(ticket: ticket, continuation: $0)) }
        } catch {
            throw .overdue
        }
    }

    /// Lets whoever waited longest take it next. Each that was taken must come back, once.
    public func giveBack(_ resource: Resource) {
        if let next = waiting.popFirst() { next.continuation.resume(returning: resource) } else { idle.append(resource) }
    }

    private func giveUp(_ ticket: Int) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).continuation.resume(throwing: Refusal.overdue)
    }
}
