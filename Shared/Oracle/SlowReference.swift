import Models

/// The fold as the contract words it: the whole set of events in the order of `seq`, no runs, nothing kept from one event to the next.
///
/// It shares no code with the production fold but the types that it takes and gives. Tests and `playhead verify` hold the fold to it.
public struct SlowReference {
    /// One event of each `seq`, in the order of `seq`; of copies the first counts.
    public let events: [PlaybackEvent]

    /// - Parameter arrived: at least one event, in the order of arrival.
    public init(_ arrived: [PlaybackEvent]) {
        var bySeq: [Int64: PlaybackEvent] = [:]
        for event in arrived where bySeq[event.seq] == nil { bySeq[event.seq] = event }
        events = bySeq.values.sorted { $0.seq < $1.seq }
    }

    public var summary: SessionSummary {
        let highest = events[events.count - 1]
        let skewMs = events[0].skewMs
        let earliest = events.map(\.occurredAt).min()!
        let credits = zip(events, events.dropFirst()).map { (at: $1.occurredAt, ms: credit(from: $0, to: $1)) }
        let lastCredited = credits.filter { $0.ms > 0 }.map(\.at).max()
        return SessionSummary(
            titleId: highest.titleId,
            startedAt: earliest + skewMs,
            lastWatchedAt: (lastCredited ?? earliest) + skewMs,
            positionMs: highest.positionMs,
            runtimeMs: highestThatHas(\.runtimeMs),
            watchedMs: credits.reduce(0) { $0 + $1.ms },
            completed: completed,
            deviceId: highestThatHas(\.deviceId),
            deviceType: highestThatHas(\.deviceType),
            missingEvents: highest.seq + 1 - Int64(events.count),
            approximate: false)
    }

    /// Lowest and highest `seq` of each stretch without a gap.
    public var sequenceRuns: [ClosedRange<Int64>] {
        let numbers = events.map(\.seq)
        let present = Set(numbers)
        let firsts = numbers.filter { !present.contains($0 - 1) }
        let lasts = numbers.filter { !present.contains($0 + 1) }
        return zip(firsts, lasts).map { $0...$1 }
    }

    private func credit(from a: PlaybackEvent, to b: PlaybackEvent) -> Int64 {
        guard isPlaying(after: a.kind) else { return 0 }
        var end = b.positionMs
        if b.kind == .seek { end = b.fromPositionMs ?? a.positionMs }
        let played = end - a.positionMs
        let elapsed = b.occurredAt - a.occurredAt
        if played <= 0 || elapsed <= 0 { return 0 }
        return played > 2 * elapsed ? 2 * elapsed : played
    }

    private var completed: Bool {
        for (index, event) in events.enumerated() where event.kind == .complete {
            if !events[index...].contains(where: { isPlaying(after: $0.kind) }) { return true }
        }
        guard let runtimeMs = highestThatHas(\.runtimeMs) else { return false }
        return events[events.count - 1].positionMs * 100 >= runtimeMs * 90
    }

    private func isPlaying(after kind: EventKind) -> Bool {
        [.start, .progress, .resume, .seek].contains(kind)
    }

    private func highestThatHas<Value>(_ attribute: (PlaybackEvent) -> Value?) -> Value? {
        events.compactMap(attribute).last
    }
}
