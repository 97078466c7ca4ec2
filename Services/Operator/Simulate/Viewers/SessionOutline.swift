/// A session before its events are made up: who watches what, on which device, from when and for how long.
struct SessionOutline: Sendable, Hashable {
    /// In the order of making, from 0.
    var number: Int
    /// By rank, from 0.
    var member: Int
    /// One of the member's devices, from 0.
    var device: Int
    var title: CatalogueTitle
    /// From 0.
    var episode: Int
    /// From the beginning of the simulation.
    var startMs: Int64
    /// From the first event to the last.
    var lengthMs: Int64
    /// Played without a break up to the title's natural end.
    var reachesEnd: Bool
    /// Not the first of a sitting: the next episode, from its beginning.
    var isFollowUp: Bool
    /// Of everything else about the session.
    var seed: UInt64

    var endMs: Int64 { startMs + lengthMs }
}
