import Foundation
import Models
import Oracle

/// The events of one session as a poor network might deliver them: some lost, some twice, in any order.
///
/// Most are long, paused, sought in and full of gaps; the rest may be as short as one event.
public struct RandomSession: Sendable {
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

    /// Three runs or more, a seek and a pause: what a fold that is wrong goes wrong in.
    public var isEventful: Bool {
        let gaps = zip(events, events.dropFirst()).count { $1.seq != $0.seq + 1 }
        return gaps >= 2 && events.contains { $0.kind == .seek } && events.contains { $0.kind == .pause }
    }

    /// Up to 60 events of a viewer who plays, pauses, seeks and rewinds on a device whose clock is not to be trusted.
    private static func sent(using random: inout SeededGenerator) -> [PlaybackEvent] {
        var positionMs: Int64 = 0
        var clock = PlaybackEvent.sampleTime
        let skewed = random.chance(50)
        let count = Int64.random(in: random.chance(94) ? 24...60 : 1...24, using: &random)
        return (0..<count).map { seq in
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
        if random.chance(40) { return .progress }
        return random.chance(50) ? (random.chance(50) ? .pause : .seek) : EventKind.allCases.randomElement(using: &random)!
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

    /// Up to ten stretches are lost, now and then the first events too; at least one event arrives.
    private static func lose(_ events: inout [PlaybackEvent], using random: inout SeededGenerator) {
        let survivor = events.randomElement(using: &random)!
        if random.chance(15) { events.removeFirst(Int.random(in: 0..<events.count, using: &random) / 3) }
        for _ in 0..<Int.random(in: random.chance(94) ? 4...10 : 0...3, using: &random) where !events.isEmpty {
            let from = Int.random(in: 0..<events.count, using: &random)
            events.removeSubrange(from..<min(from + Int.random(in: 1...3, using: &random), events.count))
        }
        if events.isEmpty { events = [survivor] }
    }
}

/// A short session of which some events arrive with differing contents.
public struct RandomCopies: Sendable {
    /// For each `seq` one of its contents: every set that may count, in the order of `seq`.
    public let choices: [[PlaybackEvent]]
    /// All contents at least once, shuffled.
    public let arrived: [PlaybackEvent]

    public init(using random: inout SeededGenerator) {
        let events = RandomSession(using: &random).events.prefix(Int.random(in: 1...6, using: &random))
        let copied = events.indices.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
        let contents = events.indices.map { index in
            let copies = copied.contains(index) ? Int.random(in: 1...2, using: &random) : 0
            return [events[index]] + (0..<copies).map { Self.copy(of: events[index], number: $0, using: &random) }
        }
        choices = contents.reduce([[]]) { sets, contents in sets.flatMap { set in contents.map { set + [$0] } } }
        arrived = RandomSession.delivery(of: contents.flatMap(\.self), using: &random)
    }

    private static func copy(of event: PlaybackEvent, number: Int, using random: inout SeededGenerator) -> PlaybackEvent {
        event.with {
            $0.titleId = OpaqueID("copy-\(number)")
            $0.kind = EventKind.allCases.randomElement(using: &random)!
            $0.positionMs = Int64.random(in: 0...7_200_000, using: &random)
            $0.occurredAt += Int64.random(in: -60_000...60_000, using: &random)
            $0.skewMs = random.chance(50) ? $0.skewMs : Int64.random(in: -600_000...600_000, using: &random)
            $0.deviceId = random.chance(50) ? "copy-\(number)" : nil
        }
    }
}

/// A session with so many gaps that more runs arise than are kept, if it arrives in random order.
public struct RandomScatter: Sendable {
    /// In the order of `seq`.
    public let events: [PlaybackEvent]
    /// The same events, shuffled, some of them more than once.
    public let arrived: [PlaybackEvent]

    /// - Parameter timesRise: whether no event is earlier than one of lower `seq`.
    public init(timesRise: Bool, using random: inout SeededGenerator) {
        let count = Int.random(in: 1000...1600, using: &random)
        events = (0..<4000 as Range<Int64>).shuffled(using: &random).prefix(count).sorted().map { seq in
            .sample(
                seq: seq, kind: random.chance(70) ? .progress : EventKind.allCases.randomElement(using: &random)!,
                positionMs: seq * 10_000 + Int64.random(in: 0...30_000, using: &random),
                runtimeMs: random.chance(5) ? Int64.random(in: 1...80_000_000, using: &random) : nil,
                occurredAt: PlaybackEvent.sampleTime + seq * 10_000
                    + (timesRise ? 0 : Int64.random(in: -1_000_000...1_000_000, using: &random)),
                titleId: OpaqueID("t\(seq % 7)"), deviceId: random.chance(5) ? "tv-\(seq)" : nil,
                skewMs: Int64.random(in: -600_000...600_000, using: &random))
        }
        arrived = RandomSession.delivery(of: events, using: &random)
    }
}

extension RandomSession {
    /// Seeds of new cases; where the environment has TEST_SEED, those that it names instead: by commas apart, first-last for all between.
    public static func seeds(_ count: Int) throws -> [UInt64] {
        guard let text = ProcessInfo.processInfo.environment["TEST_SEED"] else {
            return (0..<count).map { _ in UInt64.random(in: 0...UInt64.max) }
        }
        return try text.split(separator: ",").flatMap { part in
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
                throw NoSeed(description: "TEST_SEED has \(part) for a decimal integer, or two")
            }
            return Array(first...last)
        }
    }

    /// Whether a run tries cases of the environment only, of which nothing can be expected on the whole.
    public static var isRepeating: Bool { ProcessInfo.processInfo.environment["TEST_SEED"] != nil }

    private struct NoSeed: Error, CustomStringConvertible {
        let description: String
    }
}
