import ArgumentParser
import Models

/// Shares with commas between them, each above the one before.
struct StepsArgument: ExpressibleByArgument {
    var shares: [MemberShare] = [100, 500, 2500, 5000, 10_000].map { MemberShare(slots: $0) }

    init() {}

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let shares = parts.compactMap { MemberShare(percent: String($0)) }
        guard shares.count == parts.count, zip(shares, shares.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        self.shares = shares
    }

    var defaultValueDescription: String { shares.map(\.description).joined(separator: ",") }
}

/// When a step is taken back.
struct RampLimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Sessions that may differ from the shadow.", valueName: "count"))
    var maxMismatches = 0

    @Option(help: ArgumentHelp("How long the oldest accepted event may wait to be applied, as 30s or 10m.", valueName: "duration"))
    var maxApplyDelay = DurationArgument(.seconds(30))

    @Option(
        help: ArgumentHelp(
            "Percent of requests of the asynchronous way that may be answered 503, 0 to 100, from one look to the next.",
            valueName: "percent"))
    var maxErrors = MemberShare(slots: 100)

    @Option(help: ArgumentHelp("Dead letters that may come in one step.", valueName: "count"))
    var maxDeadLetters = 0

    func validate() throws {
        for (name, value) in [("--max-mismatches", maxMismatches), ("--max-dead-letters", maxDeadLetters)] where value < 0 {
            throw ValidationError("\(name) must be at least 0, not \(value)")
        }
    }

    var limits: RampPlan.Limits {
        RampPlan.Limits(
            mismatches: maxMismatches, applyDelayMs: Int64(maxApplyDelay.duration / .milliseconds(1)),
            errors: maxErrors.slots, deadLetters: Int64(maxDeadLetters))
    }
}

/// How a ramp compares the two histories.
struct RampComparisonOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Compare, where members are shadowed.")
    var compare = true

    @Option(help: ArgumentHelp("How long a session must not have been written before it is compared: 5s or more.", valueName: "duration"))
    var settle = DurationArgument(.seconds(30))

    @Option(help: ArgumentHelp("Sessions a second that are compared at most, 1 to 1000000.", valueName: "count"))
    var rate = 1000

    @Option(help: ArgumentHelp("Sessions that began in a step and must have been compared before it ends.", valueName: "count"))
    var minCompared = 20

    func validate() throws {
        guard minCompared >= 1 else { throw ValidationError("--min-compared must be at least 1, not \(minCompared)") }
        try settle.validateSettle()
        guard (1...1_000_000).contains(rate) else { throw ValidationError("--rate must be from 1 to 1000000, not \(rate)") }
    }
}
