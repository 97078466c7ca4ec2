import Models

/// What a ramp is to do, and what it must not let happen.
struct RampPlan: Sendable, Hashable, Codable {
    /// Shares of members that go the asynchronous way, in hundredths of a percent, rising.
    var steps: [Int]
    /// How long each step is watched, in milliseconds.
    var soakMs: Int64
    /// The share that is shadowed beside it, as far as there is room, in hundredths of a percent.
    var shadow: Int
    /// Whether the two histories are compared, where members are shadowed.
    var compares: Bool
    /// How long a session must not have been written before it is compared, in milliseconds.
    var settleMs: Int64
    /// Sessions that a comparison must have compared to say something.
    var leastCompared: Int
    var limits = Limits()

    /// What breaks a step.
    struct Limits: Sendable, Hashable, Codable {
        /// Sessions of the two histories that differ.
        var mismatches = 0
        /// Age of the oldest accepted event that is not applied, in milliseconds.
        var applyDelayMs: Int64 = 30_000
        /// Of requests of the asynchronous way that were answered 503, in hundredths of a percent.
        var errors = 100
        /// Dead letters since the step began.
        var deadLetters: Int64 = 0
    }

    /// Fewer requests say nothing about a rate.
    static let leastRequests = 20

    /// What is shadowed beside this share.
    func shadow(beside async: Int) -> Int { min(shadow, MemberShare.slots - async) }
}

/// What is seen when the ramp looks; nil where it cannot be seen now.
struct RampObservation: Sendable, Hashable {
    /// The shares that edges are told to follow, in hundredths of a percent.
    var async: Int
    var shadow: Int
    /// Edges that told lately, and how many of them do not follow the table yet.
    var liveEdges: Int
    var edgesBehind: Int
    /// In milliseconds; 0 where everything in the streams is applied.
    var applyDelayMs: Int64
    /// Events in spools.
    var spooledEvents: Int
    /// Of the asynchronous way, since the last look: to go back would not help the other one.
    var requests: Int
    var failedRequests: Int
    /// In all.
    var deadLetters: Int64?
    var comparison: Comparison?
    /// Since the last look, in milliseconds.
    var elapsedMs: Int64
    /// Milliseconds since 1970, by Redis' clock.
    var now: Timestamp

    /// Of sessions that began in this step.
    struct Comparison: Sendable, Hashable {
        /// When the last one began that is whole, in milliseconds since 1970; nil before the first.
        var beganAt: Timestamp?
        /// Sessions that could be compared in it.
        var compared = 0
        /// Sessions that differ, also in one that is not whole yet.
        var mismatches = 0
        /// The first of them, in words.
        var example: String?
        /// Why what differs may be a copy that was not made.
        var uncertainty: String?
    }
}
