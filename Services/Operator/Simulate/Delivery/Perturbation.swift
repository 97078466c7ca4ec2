import Oracle

/// The arrival of one event at the edge, or of a copy of it.
struct Delivery: Sendable, Hashable {
    /// From the beginning of the simulation.
    var atMs: Int64
    /// The event's place in its session.
    var event: Int
    /// Sent once more, in another request.
    var isCopy: Bool
}

/// What happened to how many events. An event is at most one of dropped, late and reordered; a copy may be of any that is sent.
struct PerturbationCounts: Codable, Sendable, Hashable {
    /// Events that viewers made, dropped ones included.
    var events = 0
    var dropped = 0
    var duplicates = 0
    var reordered = 0
    var late = 0

    static func += (left: inout PerturbationCounts, right: PerturbationCounts) {
        left.events += right.events
        left.dropped += right.dropped
        left.duplicates += right.duplicates
        left.reordered += right.reordered
        left.late += right.late
    }
}

/// What a poor network does to the events of a session.
struct Perturbation: Codable, Sendable, Hashable {
    /// After the end of the session, for the late ones: ten minutes to six hours.
    private static let lateness: ClosedRange<Int64> = 600_000...21_600_000
    /// After the first copy: a second to an hour.
    private static let repetition: ClosedRange<Int64> = 1000...3_600_000

    /// Of the events that are sent, the share sent a second time.
    var duplicates: Double
    /// Of all events, the share that arrives after up to eight later ones of its session. The last one on time has none to arrive after.
    var reorder: Double
    /// Of all events, the share that arrives long after its session's end.
    var late: Double
    /// Of all events, the share that is never sent.
    var drop: Double

    private enum Fate {
        case onTime, reordered, late, dropped
    }

    /// - Parameter times: of the events, in the order of `seq`, from the beginning of the simulation.
    /// - Returns: the deliveries, in their order.
    func deliveries(of times: [Int64], using random: inout SeededGenerator) -> ([Delivery], PerturbationCounts) {
        guard let endMs = times.last else { return ([], PerturbationCounts()) }
        let fates = fates(of: times.count, using: &random)
        var counts = PerturbationCounts(events: times.count, dropped: fates.count { $0 == .dropped })
        let arrivals = Self.arrivalsOnTime(times, using: &random)
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(times.count + times.count / 8)
        for (event, fate) in fates.enumerated() {
            guard fate != .dropped else { continue }
            var atMs = arrivals[event]
            switch fate {
            case .late:
                counts.late += 1
                atMs = endMs + random.logarithmic(in: Self.lateness)
            case .reordered:
                counts.reordered += 1
                atMs = arrivals[Self.overtaker(of: event, fates, using: &random)] + 1
            case .onTime, .dropped: break
            }
            deliveries.append(Delivery(atMs: atMs, event: event, isCopy: false))
            if random.happens(duplicates) {
                counts.duplicates += 1
                deliveries.append(Delivery(atMs: atMs + random.logarithmic(in: Self.repetition), event: event, isCopy: true))
            }
        }
        deliveries.sort { ($0.atMs, $0.event) < ($1.atMs, $1.event) }
        return (deliveries, counts)
    }

    private func fates(of count: Int, using random: inout SeededGenerator) -> [Fate] {
        var fates = (0..<count).map { _ in fate(using: &random) }
        var isOvertaken = false
        for event in fates.indices.reversed() {
            // With nothing after it that arrives on time, it is on time itself.
            if fates[event] == .reordered && !isOvertaken { fates[event] = .onTime }
            isOvertaken = isOvertaken || fates[event] == .onTime
        }
        return fates
    }

    private func fate(using random: inout SeededGenerator) -> Fate {
        let drawn = random.fraction()
        if drawn < drop { return .dropped }
        if drawn < drop + late { return .late }
        return drawn < drop + late + reorder ? .reordered : .onTime
    }

    /// When each would arrive if nothing went wrong: a moment after it happened, and after the one before it.
    private static func arrivalsOnTime(_ times: [Int64], using random: inout SeededGenerator) -> [Int64] {
        var latest = Int64.min
        return times.map { time in
            // Two, so that there is room in between for one that was overtaken.
            latest = max(time + random.integer(in: 20...400), latest + 2)
            return latest
        }
    }

    /// One of the next eight that arrive on time.
    private static func overtaker(of event: Int, _ fates: [Fate], using random: inout SeededGenerator) -> Int {
        var left = random.integer(in: 1...8)
        var found = event
        for later in (event + 1)..<fates.count where fates[later] == .onTime {
            found = later
            left -= 1
            if left == 0 { break }
        }
        return found
    }
}
