import Models
import Oracle

/// The events of one session as a poor network might deliver them: some lost, some twice, in any order.
public struct RandomSession {
    /// One event of each `seq` that was not lost, in the order of `seq`.
    public let events: [PlaybackEvent]
    /// The same events, shuffled, some of them more than once.
    public let arrived: [PlaybackEvent]

    public init(using random: inout SeededGenerator) {
        var sent = Self.sent(using: &random)
        Self.lose(&sent, using: &random)
        events = sent
        arrived = Self.delivery(of: sent, using: &random)
    }

    /// Another delivery of `events`.
    public static func delivery(of events: [PlaybackEvent], using random: inout SeededGenerator) -> [PlaybackEvent] {
        let repeats = random.chance(60) ? Int.random(in: 0...events.count, using: &random) : 0
        return (events + (0..<repeats).map { _ in events.randomElement(using: &random)! }).shuffled(using: &random)
    }

    /// Up to 60 events of a viewer who plays, pauses, seeks and rewinds on a device whose clock is not to be trusted.
    private static func sent(using random: inout SeededGenerator) -> [PlaybackEvent] {
        var positionMs: Int64 = 0
        var clock = PlaybackEvent.sampleTime
        let skewed = random.chance(50)
        return (0..<Int64.random(in: 1...60, using: &random)).map { seq in
            let kind = seq == 0 ? .start : kind(using: &random)
            let before = clock
            clock += random.chance(10) ? 0 : Int64.random(in: 1...60_000, using: &random)
            if random.chance(6) { clock -= Int64.random(in: 1...600_000, using: &random) }
            // Half speed to four times: more than what the clock allows at the upper end.
            positionMs += max(clock - before, 0) * Int64.random(in: 1...8, using: &random) / 2
            let playhead = positionMs
            if kind == .seek || random.chance(5) { positionMs = Int64.random(in: 0...7_200_000, using: &random) }
            return PlaybackEvent.sample(
                seq: seq, kind: kind, positionMs: positionMs, fromPositionMs: origin(of: kind, playhead: playhead, using: &random),
                runtimeMs: runtime(positionMs: positionMs, using: &random), occurredAt: clock, titleId: random.chance(10) ? "t2" : "t1",
                deviceId: random.chance(30) ? "tv-\(seq)" : nil, deviceType: random.chance(10) ? "type-\(seq)" : nil,
                skewMs: skewed ? Int64.random(in: -600_000...600_000, using: &random) : 0)
        }
    }

    private static func kind(using random: inout SeededGenerator) -> EventKind {
        random.chance(50) ? .progress : EventKind.allCases.randomElement(using: &random)!
    }

    /// Of a seek mostly the playhead before it, else any; of other kinds at times one too, which must count for nothing.
    private static func origin(of kind: EventKind, playhead: Int64, using random: inout SeededGenerator) -> Int64? {
        guard random.chance(kind == .seek ? 60 : 5) else { return nil }
        return random.chance(80) ? playhead : Int64.random(in: 0...7_200_000, using: &random)
    }

    /// Often one by which the position is just about 90 % of it.
    private static func runtime(positionMs: Int64, using random: inout SeededGenerator) -> Int64? {
        guard random.chance(40) else { return nil }
        return random.chance(50) ? 5_400_000 : max(positionMs * 10 / 9 + Int64.random(in: -2...2, using: &random), 1)
    }

    /// Up to eight stretches are lost, now and then the first events too; at least one event arrives.
    private static func lose(_ events: inout [PlaybackEvent], using random: inout SeededGenerator) {
        let survivor = events.randomElement(using: &random)!
        if random.chance(15) { events.removeFirst(Int.random(in: 0..<events.count, using: &random) / 3) }
        for _ in 0..<Int.random(in: 0...8, using: &random) where !events.isEmpty {
            let from = Int.random(in: 0..<events.count, using: &random)
            events.removeSubrange(from..<min(from + Int.random(in: 1...3, using: &random), events.count))
        }
        if events.isEmpty { events = [survivor] }
    }
}
