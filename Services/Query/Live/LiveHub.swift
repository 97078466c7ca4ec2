import BlockingClient
import EventStream
import Foundation
import Logging
import Models
import ServiceKit
import ServiceLifecycle
import Tokens

/// Reads the change feed once for everybody who follows a member live.
final class LiveHub: Service {
    /// What a follower gets.
    enum Item: Sendable {
        case change(FeedChange)
        /// Something may be missing between what came before and what comes now.
        case gap
        /// Nothing happened for a while.
        case heartbeat
        /// The last one.
        case end(Ending)
    }

    /// Why a stream ends that its client would go on reading.
    enum Ending: String, Sendable {
        case tokenExpired = "token-expired"
        case tooSlow = "too-slow"
        case stopping
    }

    /// A member's changes, until it is dropped.
    struct Following: Sendable {
        let items: AsyncStream<Item>
        /// All that was announced by then came before it.
        let position: FeedPosition
        /// Ends it from the server's side.
        let end: @Sendable (Ending) -> Void
    }

    private struct Follower {
        let continuation: AsyncStream<Item>.Continuation
        let grant: Grant

        /// Who does not keep up is cut off, and comes back to where it was.
        func send(_ item: Item) {
            if case .dropped = continuation.yield(item) { end(.tooSlow) }
        }

        func end(_ ending: Ending) {
            // Where there is no room, the end has to do without a reason.
            continuation.yield(.end(ending))
            continuation.finish()
        }
    }

    private struct State {
        var followers: [OpaqueID: [Int: Follower]] = [:]
        var nextID = 0
        var count = 0
        /// Where the reader stands, by partition; nil until it stands anywhere.
        var positions: [StreamEntryID]?
        /// After trouble with Redis.
        var isDoubtful = false
    }

    /// Changes that wait for a slow client.
    private static let waitingChanges = 256
    private static let readEntries = 64
    /// Of one member: devices and tabs, and nobody who would take what others need.
    private static let maximalFollowersOfOne = 16
    private static let block = Duration.milliseconds(500)
    private static let idleInterval = Duration.milliseconds(50)

    private let reader: ChangeReader
    private let maximalFollowers: Int
    private let heartbeat: Duration
    private let readiness: Readiness
    private let logger: Logger
    private let isInForce: @Sendable (Grant) -> Bool
    private let state = LockedValue(State())

    /// - Parameter isInForce: whether the key of a grant is one of those that are trusted now.
    init(
        reader: ChangeReader, maximalFollowers: Int, heartbeat: Duration, readiness: Readiness, logger: Logger,
        isInForce: @escaping @Sendable (Grant) -> Bool
    ) {
        self.reader = reader
        self.maximalFollowers = maximalFollowers
        self.heartbeat = heartbeat
        self.readiness = readiness
        self.logger = logger
        self.isInForce = isInForce
    }

    /// - Parameter grant: the follower's: its stream ends with it.
    /// - Returns: the member's changes from now on; nil where too many are followed already.
    func follow(_ member: OpaqueID, by grant: Grant) -> Following? {
        let (stream, continuation) = AsyncStream.makeStream(of: Item.self, bufferingPolicy: .bufferingOldest(Self.waitingChanges))
        let follower = Follower(continuation: continuation, grant: grant)
        let partition = StableHash.partition(ofMember: member, count: reader.partitions)
        let registered = state.withLock { state -> (id: Int, entry: StreamEntryID)? in
            guard state.count < maximalFollowers, state.followers[member]?.count ?? 0 < Self.maximalFollowersOfOne else { return nil }
            state.count += 1
            state.nextID += 1
            state.followers[member, default: [:]][state.nextID] = follower
            return (state.nextID, state.positions?[partition] ?? .zero)
        }
        guard let registered else { return nil }
        continuation.onTermination = { [weak self] _ in self?.leave(member, registered.id) }
        return Following(items: stream, position: FeedPosition(entry: registered.entry, index: .max), end: follower.end)
    }

    /// Whether the feed is being read: what is announced from now on reaches who follows.
    ///
    /// A service that has just started is given a moment.
    /// - Parameter patience: how long that is.
    func isReading(within patience: Duration) async -> Bool {
        let end = ContinuousClock.now + patience
        while state.withLock({ $0.positions == nil }) {
            guard ContinuousClock.now < end, !Task.isCancelled else { return false }
            try? await Task.sleep(for: Self.idleInterval)
        }
        return true
    }

    var followers: Int { state.withLock { $0.count } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await self.readOn() }
                group.addTask { await self.watchTime() }
            }
        }
        for follower in followersNow { follower.end(.stopping) }
    }

    private func readOn() async {
        var backoff = Backoff(limit: .seconds(2))
        while !Task.isCancelled {
            do throws(RedisError) {
                try await readOnce()
                if backoff.failures > 0 { logger.notice("the change feed is read again") }
                readiness.works("changes")
                backoff = Backoff(limit: .seconds(2))
            } catch {
                if backoff.failures == 0 { logger.warning("the change feed cannot be read", metadata: ["error": "\(error)"]) }
                readiness.fails("changes", "\(error)", isDegradedOnly: true)
                state.withLock { $0.isDoubtful = true }
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Heartbeats, and the end of tokens and of their keys, to the second.
    private func watchTime() async {
        var nextHeartbeat = ContinuousClock.now + heartbeat
        let tick = min(heartbeat, .seconds(1))
        while !Task.isCancelled {
            try? await Task.sleep(for: tick)
            let now = Int64(Date.now.timeIntervalSince1970 * 1000)
            let isDue = ContinuousClock.now >= nextHeartbeat
            if isDue { nextHeartbeat = .now + heartbeat }
            for follower in followersNow {
                if follower.grant.expiresAt.map({ $0 <= now }) == true || !isInForce(follower.grant) {
                    follower.end(.tokenExpired)
                } else if isDue {
                    follower.send(.heartbeat)
                }
            }
        }
    }

    private var followersNow: [Follower] { state.withLock { $0.followers.values.flatMap(\.values) } }

    private func readOnce() async throws(RedisError) {
        let positions = try await places()
        guard followers > 0 else { return try await skip() }
        var next = positions
        for (partition, entry, changes) in try await reader.read(after: positions, count: Self.readEntries, block: Self.block) {
            next[partition] = max(next[partition], entry)
            for change in changes { deliver(change) }
        }
        let reached = next
        state.withLock { $0.positions = reached }
    }

    /// While nobody follows, the place moves on without reading what is announced: that is all that every member does.
    private func skip() async throws(RedisError) {
        let end = ContinuousClock.now + Self.block
        while followers == 0, ContinuousClock.now < end, !Task.isCancelled { try? await Task.sleep(for: Self.idleInterval) }
        let ends = try await reader.extents().map(\.last)
        // Who follows by now was told an earlier place, from which on to read.
        state.withLock { state in if state.count == 0 { state.positions = ends } }
    }

    /// Where to read on. After trouble the streams may have been trimmed past that, or be others.
    private func places() async throws(RedisError) -> [StreamEntryID] {
        let (known, isDoubtful) = state.withLock { ($0.positions, $0.isDoubtful) }
        if let known, !isDoubtful { return known }
        let extents = try await reader.extents()
        guard let known else {
            let ends = extents.map(\.last)
            state.withLock { $0.positions = ends }
            return ends
        }
        let places = zip(known, extents).map { $1.holdsAll(after: $0) ? $0 : $1.last }
        if places != known { tellGap() }
        state.withLock {
            $0.positions = places
            $0.isDoubtful = false
        }
        return places
    }

    private func deliver(_ change: FeedChange) {
        for follower in state.withLock({ $0.followers[change.change.memberId].map { Array($0.values) } ?? [] }) {
            follower.send(.change(change))
        }
    }

    private func tellGap() {
        for follower in followersNow { follower.send(.gap) }
    }

    private func leave(_ member: OpaqueID, _ id: Int) {
        state.withLock { state in
            guard state.followers[member]?.removeValue(forKey: id) != nil else { return }
            state.count -= 1
            if state.followers[member]?.isEmpty == true { state.followers[member] = nil }
        }
    }
}
