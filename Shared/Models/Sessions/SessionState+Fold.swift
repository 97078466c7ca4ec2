extension SessionState {
    /// Takes one event; `seq` inside a run is a duplicate.
    /// - Returns: whether the event was new. A duplicate changes nothing.
    @discardableResult
    public mutating func apply(_ event: PlaybackEvent) -> Bool {
        let index = runCount(startingUpTo: event.seq)
        if index > 0, event.seq <= runs[index - 1].last.seq { return false }

        // Before the runs change: the skew belongs to the lowest seq.
        if event.seq < runs[0].first.seq { skewMs = event.skewMs }
        insert(SequenceRun(event), at: index)
        eventCount += 1
        earliestAt = min(earliestAt, event.occurredAt)
        noteKindAndAttributes(of: event)
        return true
    }

    /// The state of a set of events in any order.
    /// - Returns: nil for no events.
    public static func folding(_ events: some Sequence<PlaybackEvent>) -> SessionState? {
        var state: SessionState?
        for event in events {
            if state == nil { state = SessionState(event) } else { state?.apply(event) }
        }
        return state
    }

    mutating func noteKindAndAttributes(of event: PlaybackEvent) {
        if event.kind == .complete { highestCompleteSeq = max(highestCompleteSeq ?? event.seq, event.seq) }
        if event.kind.leavesPlaying { highestPlayingSeq = max(highestPlayingSeq ?? event.seq, event.seq) }
        if event.seq > titleId.seq { titleId = Attribute(value: event.titleId, seq: event.seq) }
        Self.note(event.runtimeMs, seq: event.seq, in: &runtimeMs)
        Self.note(event.deviceId, seq: event.seq, in: &deviceId)
        Self.note(event.deviceType, seq: event.seq, in: &deviceType)
    }

    private static func note<Value>(_ value: Value?, seq: Int64, in attribute: inout Attribute<Value>?) {
        guard let value, attribute.map({ seq > $0.seq }) ?? true else { return }
        attribute = Attribute(value: value, seq: seq)
    }

    /// How many runs start at `seq` or before it. Events mostly arrive in order, so the last run is looked at first.
    private func runCount(startingUpTo seq: Int64) -> Int {
        if runs[runs.count - 1].first.seq <= seq { return runs.count }
        var low = 0
        var high = runs.count - 1
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].first.seq <= seq { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts a run of one event between the runs `index - 1` and `index`, joining it with those that it touches.
    private mutating func insert(_ run: SequenceRun, at index: Int) {
        let touchesPrevious = index > 0 && runs[index - 1].last.seq + 1 == run.first.seq
        let touchesNext = index < runs.count && run.last.seq + 1 == runs[index].first.seq
        switch (touchesPrevious, touchesNext) {
        case (true, false):
            runs[index - 1].join(run)
        case (true, true):
            runs[index - 1].join(run)
            runs[index - 1].join(runs.remove(at: index))
        case (false, true):
            var joined = run
            joined.join(runs[index])
            runs[index] = joined
        case (false, false):
            runs.insert(run, at: index)
            if runs.count > Self.maximalRuns { joinAcrossSmallestGap() }
        }
    }

    /// Bounds the state: the gap's events stay counted as missing, and should they still come, they are taken for duplicates.
    private mutating func joinAcrossSmallestGap() {
        var smallest = 1
        for index in 1..<runs.count where gap(before: index) < gap(before: smallest) { smallest = index }
        runs[smallest - 1].join(runs.remove(at: smallest))
        approximate = true
    }

    private func gap(before index: Int) -> Int64 {
        runs[index].first.seq - runs[index - 1].last.seq
    }
}
