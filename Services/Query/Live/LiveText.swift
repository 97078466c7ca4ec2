import EventStream
import NIOCore
import ServiceLifecycle

/// One follower's stream as text, a piece at a time.
actor LiveText {
    private var missed: [FeedChange]?
    private let following: LiveHub.Following
    private var items: AsyncStream<LiveHub.Item>.Iterator
    private var filter: LiveFilter
    private let seal: PlaceSeal
    private var reached: FeedPosition?
    private var hasBegun = false

    /// - Parameters:
    ///   - missed: what is sent first; nil where the follower must read the history anew.
    ///   - filter: that knows what the member has taken out.
    ///   - seal: of the ids.
    init(missed: [FeedChange]?, then following: LiveHub.Following, filter: LiveFilter, seal: PlaceSeal) {
        self.missed = missed
        self.filter = filter
        self.seal = seal
        self.following = following
        items = following.items.makeAsyncIterator()
    }

    /// - Returns: nil at the end.
    func next() async -> ByteBuffer? {
        if !hasBegun {
            hasBegun = true
            return ByteBuffer(bytes: begin())
        }
        while let item = await nextItem() {
            let bytes: [UInt8]
            switch item {
            case .change(let change):
                guard reached.map({ change.position > $0 }) != false, filter.admits(change.change) else { continue }
                bytes = text(of: change)
            case .gap: bytes = ServerSentEvent.resync
            case .heartbeat: bytes = ServerSentEvent.heartbeat
            case .end(let ending): bytes = ServerSentEvent.end(ending)
            }
            return ByteBuffer(bytes: bytes)
        }
        return nil
    }

    /// The head goes out with the first bytes, so there are some at once: what was missed, and then a place to come back to.
    private func begin() -> [UInt8] {
        guard let missed else { return ServerSentEvent.resync + ServerSentEvent.hello(seal.seal(following.position)) }
        var bytes: [UInt8] = []
        filter.foresee(missed.lazy.map(\.change))
        for change in missed {
            reached = change.position
            if filter.admits(change.change) { bytes += text(of: change) }
        }
        self.missed = []
        return bytes + ServerSentEvent.hello(seal.seal(max(following.position, reached ?? following.position)))
    }

    private func text(of change: FeedChange) -> [UInt8] {
        ServerSentEvent.change(change.change, id: seal.seal(change.position))
    }

    private func nextItem() async -> LiveHub.Item? {
        var items = items
        defer { self.items = items }
        return await withGracefulShutdownHandler {
            await items.next(isolation: self)
        } onGracefulShutdown: { [following] in
            following.end(.stopping)
        }
    }
}
