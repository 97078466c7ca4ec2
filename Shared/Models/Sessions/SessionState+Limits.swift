extension SessionState {
    /// What no events within their limits can have led to; nil where there is nothing.
    ///
    /// A damaged row must not make a sum overflow, or a search among the runs go astray.
    public var fault: String? {
        var seqs: Int64 = 0
        var previous: SequenceRun?
        for run in runs {
            if !run.isWithinLimits { return "a run's numbers are out of range" }
            if run.first.seq > run.last.seq { return "a run ends before it begins" }
            if let previous, previous.last.seq + 1 >= run.first.seq { return "runs touch, or are out of order" }
            seqs += run.last.seq - run.first.seq + 1
            previous = run
        }
        if !(1...seqs).contains(eventCount) { return "the count of events does not fit the runs" }
        let named = [highestCompleteSeq, highestPlayingSeq, titleId.seq, runtimeMs?.seq, deviceId?.seq, deviceType?.seq].compactMap { $0 }
        if !named.allSatisfy((0...(previous?.last.seq ?? 0)).contains) { return "something was told by an event past the last" }
        if let runtimeMs, !(1...EventLimits.largestInteger).contains(runtimeMs.value) { return "the runtime is out of range" }
        if !EventLimits.isTime(earliestAt) || !EventLimits.isTime(skewMs) { return "a time is out of range" }
        return nil
    }
}

extension SequenceRun {
    fileprivate var isWithinLimits: Bool {
        let integers = 0...EventLimits.largestInteger
        return [first, last].allSatisfy {
            integers.contains($0.seq) && integers.contains($0.positionMs) && EventLimits.isTime($0.occurredAt)
        }
            && integers.contains(firstFromPositionMs ?? 0) && (0...EventLimits.largestCredit).contains(creditMs)
            && EventLimits.isTime(lastCreditAt ?? 0)
    }
}

extension EventLimits {
    /// Whether a time or a difference of two is one that can be added to another.
    fileprivate static func isTime(_ milliseconds: Int64) -> Bool {
        milliseconds.magnitude <= UInt64(largestTime)
    }
}
