import Models

/// How far a ramp has come. Pure: what it sees is told to it, and what it wants is done elsewhere.
struct RampState: Sendable, Hashable, Codable {
    enum Status: String, Sendable, Codable {
        case running
        /// A limit was broken: it has gone back a step and waits for a person.
        case wentBack
        /// All steps are taken.
        case finished
    }

    /// What to do next.
    enum Decision: Sendable, Hashable {
        /// Go on watching, and for what.
        case stay(String)
        /// Route this share, in hundredths of a percent, asynchronously.
        case advance(Int)
        /// Route that share again, as a limit was broken.
        case goBack(Int, reason: String)
        case finish
        /// Somebody else has changed the routing: it is not this ramp's any more.
        case giveUp(String)
    }

    var plan: RampPlan
    /// Where it began, in hundredths of a percent.
    var start: Int
    /// Of the step that it is at; -1 at the start.
    var index = -1
    var status = Status.running
    /// The share that it is about to route; nil once that is done.
    var intended: Int?
    /// Dead letters when the step began.
    var deadLettersBefore: Int64
    /// When the step began, in milliseconds since 1970: sessions that began before are not compared.
    var stepBeganAt: Timestamp
    private(set) var watched = Watched()

    /// What was seen of a step.
    struct Watched: Sendable, Hashable, Codable {
        /// How long, in milliseconds: what nobody watched does not count.
        var soakedMs: Int64 = 0
        /// When that was enough, in milliseconds since 1970.
        var soakedAt: Timestamp?
        var requests = 0
        var failedRequests = 0
        /// How long events have been in spools without a break, in milliseconds.
        var spooledMs: Int64 = 0
    }

    init(plan: RampPlan, start: Int, deadLetters: Int64, now: Timestamp) {
        self.plan = plan
        self.start = start
        deadLettersBefore = deadLetters
        stepBeganAt = now
    }

    /// The share that is routed asynchronously by now, in hundredths of a percent.
    var share: Int { index < 0 ? start : plan.steps[index] }
    /// Whether sessions of this step can be compared.
    var comparesStep: Bool { plan.compares && plan.shadow(beside: share) > 0 }
    private var former: Int { index <= 0 ? start : plan.steps[index - 1] }
    private var next: Decision { index + 1 < plan.steps.count ? .advance(plan.steps[index + 1]) : .finish }

    mutating func decide(on seen: RampObservation) -> Decision {
        // It was about to route this, and nobody knows whether it did.
        if let intended { return .advance(intended) }
        guard seen.async == share, seen.shadow == plan.shadow(beside: share) else {
            return .giveUp(
                "the routing is at async \(MemberShare(slots: seen.async)) %, shadow \(MemberShare(slots: seen.shadow)) %, "
                    + "and not as the ramp left it: somebody else has changed it")
        }
        watched.requests += seen.requests
        watched.failedRequests += seen.failedRequests
        watched.spooledMs = seen.spooledEvents > 0 ? watched.spooledMs + seen.elapsedMs : 0
        if let reason = broken(by: seen) {
            if index >= 0 { return .goBack(former, reason: reason) }
            // Before the first step there is nowhere to go back to; a delay may pass.
            return seen.comparison?.mismatches ?? 0 > plan.limits.mismatches
                ? .giveUp("not begun: \(reason)") : .stay("not begun: \(reason)")
        }
        // At the start there is something to watch only where it can be compared.
        if index < 0, !comparesStep { return next }
        if let doubt = doubt(about: seen) { return .stay(doubt) }
        watched.soakedMs += seen.elapsedMs
        guard watched.soakedMs >= plan.soakMs else {
            return .stay("watched for \(watched.soakedMs / 1000) of \(plan.soakMs / 1000) s, \(watched.requests) requests")
        }
        let enoughAt = watched.soakedAt ?? seen.now
        watched.soakedAt = enoughAt
        guard index < 0 || watched.requests >= RampPlan.leastRequests else {
            return .stay("\(watched.requests) of the \(RampPlan.leastRequests) requests that say something about errors")
        }
        if comparesStep {
            // What was written in the step's last moments has settled by then.
            guard let comparison = seen.comparison, let beganAt = comparison.beganAt, beganAt >= enoughAt + plan.settleMs else {
                return .stay("waiting for a comparison of what was written until the end of the soak")
            }
            // To have found nothing says something only where there was something.
            guard comparison.compared >= plan.leastCompared else {
                return .stay(
                    "\(comparison.compared) of the \(plan.leastCompared) sessions of this step that must be compared")
            }
        }
        return next
    }

    /// It routes this share by now.
    mutating func took(_ slots: Int, deadLetters: Int64?, now: Timestamp) {
        index = plan.steps.lastIndex { $0 == slots } ?? -1
        intended = nil
        watched = Watched()
        deadLettersBefore = deadLetters ?? deadLettersBefore
        stepBeganAt = now
    }

    /// Goes on after a person has looked at what broke the limit, or after an interruption.
    mutating func resume(deadLetters: Int64, async: Int, now: Timestamp) {
        // It was interrupted between routing and noting it.
        let slots = async == intended ? async : share
        if status == .wentBack || intended != nil { took(slots, deadLetters: deadLetters, now: now) }
        status = .running
    }

    /// Why what is seen now does not count as watched; nil where it does.
    private func doubt(about seen: RampObservation) -> String? {
        if seen.liveEdges == 0 { return "no edge tells anything" }
        if seen.edgesBehind > 0 { return "\(seen.edgesBehind) of \(seen.liveEdges) edges do not follow the table yet" }
        if seen.spooledEvents > 0 { return "\(seen.spooledEvents) events are in spools" }
        if seen.deadLetters == nil { return "the database does not say how many dead letters there are" }
        if comparesStep, let uncertainty = seen.comparison?.uncertainty { return uncertainty }
        return nil
    }

    private func broken(by seen: RampObservation) -> String? {
        let limits = plan.limits
        if let comparison = seen.comparison, comparison.mismatches > limits.mismatches {
            let example = comparison.example.map { "; the first: \($0)" } ?? ""
            return "\(comparison.mismatches) sessions differ from the shadow, allowed are \(limits.mismatches)\(example)"
        }
        if let letters = seen.deadLetters, letters - deadLettersBefore > limits.deadLetters {
            return "\(letters - deadLettersBefore) dead letters since the step began, allowed are \(limits.deadLetters)"
        }
        if max(seen.applyDelayMs, watched.spooledMs) > limits.applyDelayMs {
            let delay = max(seen.applyDelayMs, watched.spooledMs)
            return "the oldest accepted event has waited for \(delay) ms, allowed are \(limits.applyDelayMs)"
        }
        return brokenByErrors((seen.requests, seen.failedRequests)) ?? brokenByErrors((watched.requests, watched.failedRequests))
    }

    private func brokenByErrors(_ requests: (all: Int, failed: Int)) -> String? {
        guard requests.all >= RampPlan.leastRequests, requests.failed * MemberShare.slots > plan.limits.errors * requests.all else {
            return nil
        }
        return "\(requests.failed) of \(requests.all) requests failed, allowed are \(MemberShare(slots: plan.limits.errors)) %"
    }
}
