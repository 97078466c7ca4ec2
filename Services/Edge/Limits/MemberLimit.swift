import Models
import Synchronization

/// How many events a second the edge takes of one member, so that one that floods does not cost the others their service.
final class MemberLimit: Sendable {
    private let isLimited: Bool
    private let buckets: Mutex<TokenBuckets>
    private let began = ContinuousClock.now

    /// - Parameter eventsPerSecond: 0 for no limit. Ten seconds' worth may come at once.
    init(eventsPerSecond: Int) {
        isLimited = eventsPerSecond > 0
        buckets = Mutex(isLimited ? TokenBuckets(ratePerSecond: eventsPerSecond) : TokenBuckets(ratePerSecond: 1, count: 1))
    }

    /// - Returns: for each event whether it is within its member's limit; nil where all are.
    func admit(_ events: [PlaybackEvent]) -> [Bool]? {
        guard isLimited else { return nil }
        let nowMs = Int64((ContinuousClock.now - began) / .milliseconds(1))
        // The hash of the standard library has another seed in each process: nobody outside can aim at a member's bucket.
        let hashes = events.map(\.memberId.hashValue)
        let admitted = buckets.withLock { buckets in hashes.map { buckets.take(hash: $0, nowMs: nowMs) } }
        return admitted.contains(false) ? admitted : nil
    }
}
