import ArgumentParser
import Foundation
import Models

/// `playhead simulate`
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Sends what an audience of simulated viewers plays to an edge.",
        discussion: """
            Events happen in simulated time, which ends now; they are sent as fast as the edge takes them, or at a rate. Some are lost, \
            repeated, late or out of order. The same seed and options, --end among them, make the same events. With --truth, what the edge \
            accepted is written into a file for playhead verify.

            What it sends stays in the history of its members, whose ids begin with "sim-" or the --prefix: playhead erase removes a member.

            Ctrl-C ends it after the requests under way, with exit status 130; the truth of what was accepted is written.
            """)

    static let memberCounts = 1...10_000_000
    static let titleCounts = 1...1_000_000
    static let concurrencies = 1...1000
    static let defaultSessions = 1000
    /// Room for the rest of a member's id.
    static let prefixBytes = 1...200

    @Option(help: "The edge's address.")
    var edge = "http://127.0.0.1:8080"

    @Option(help: "How many members there are; few of them watch much.")
    var members = 1000

    @Option(help: "How many titles there are; few of them are watched much.")
    var titles = 500

    @Option(help: "How many sessions to make. (default: 1000)")
    var sessions: Int?

    @Option(help: "Instead of --sessions: make sessions until there are so many events.")
    var events: Int?

    @Option(help: ArgumentHelp("Send so many events a second, instead of as many as the edge takes.", valueName: "events/s"))
    var rate: Double?

    @Option(help: "Another seed makes other viewers.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The share of events sent a second time, in another request.", valueName: "share"))
    var duplicates = 0.05

    @Option(help: ArgumentHelp("The share of events that arrive after later ones of their session.", valueName: "share"))
    var reorder = 0.1

    @Option(help: ArgumentHelp("The share of events that arrive long after their session's end.", valueName: "share"))
    var late = 0.02

    @Option(help: ArgumentHelp("The share of events that are never sent.", valueName: "share"))
    var drop = 0.01

    @Option(help: ArgumentHelp("Write what the edge accepted into this file.", valueName: "file"))
    var truth: String?

    @Option(help: "Events a request.")
    var batch = 100

    @Option(help: "Requests under way at a time.")
    var concurrency = 8

    @Option(
        help: "What the members' ids begin with. (default: made from the options, so that only a simulation of the same events has it)")
    var prefix: String?

    @Option(help: ArgumentHelp("When the last event happens, as an RFC 3339 time. (default: now)", valueName: "time"))
    var end: String?

    @Option(help: ArgumentHelp("Give up on an edge that takes nothing for so long. (default: never)", valueName: "seconds"))
    var patience: Int?

    func validate() throws {
        try Self.check("members", members, Self.memberCounts)
        try Self.check("titles", titles, Self.titleCounts)
        try Self.check("batch", batch, 1...RequestBatches.maximalEvents)
        try Self.check("concurrency", concurrency, Self.concurrencies)
        if let sessions { try Self.check("sessions", sessions, 1...Int.max) }
        if let events { try Self.check("events", events, 1...Int.max) }
        if let patience { try Self.check("patience", patience, 0...Int.max) }
        if sessions != nil && events != nil {
            throw ValidationError("--sessions and --events are two ways to say when to end: give one of them")
        }
        if let rate, !(rate > 0 && rate.isFinite) { throw ValidationError("--rate must be greater than 0, not \(rate)") }
        try validateShares()
        if let prefix {
            guard Self.prefixBytes.contains(prefix.utf8.count), (try? EventLimits.validate(id: prefix, "prefix")) != nil else {
                throw ValidationError("--prefix must have 1 to 200 bytes of UTF-8 and no control characters")
            }
        }
        if let end, RFC3339.parse(end) == nil {
            throw ValidationError("--end must be an RFC 3339 time such as 2026-11-20T20:15:03Z, not '\(end)'")
        }
    }

    private func validateShares() throws {
        for (name, share) in [("duplicates", duplicates), ("reorder", reorder), ("late", late), ("drop", drop)] {
            guard (0...1).contains(share) else { throw ValidationError("--\(name) must be from 0 to 1, not \(share)") }
        }
        // An event has one of these fates.
        guard reorder + late + drop <= 1 else {
            throw ValidationError("--reorder, --late and --drop must together be at most 1, not \(reorder + late + drop)")
        }
    }

    @Flag(help: "Overwrite a truth file that is there.")
    var force = false

    func run() async throws {
        if let truth, !force, FileManager.default.fileExists(atPath: truth) {
            throw CommandFailure("\(truth) is there already: what it knows could never be verified again; name another, or give --force")
        }
        let now = Int64(Date.now.timeIntervalSince1970) * 1000
        let plan = plan(now: now)
        // The edge takes no event of a later day.
        guard plan.end <= now else { throw ValidationError("--end must not be in the future, it is now \(RFC3339.format(now))") }
        let extent = SimulationExtent(of: plan)
        guard plan.end - extent.spanMs >= EventLimits.earliestTime else {
            let days = extent.spanMs / 86_400_000
            throw ValidationError(
                "the simulation lasts \(days) days and would begin before 2000-01-01: give more --members or a later --end")
        }
        let pace = SimulationRun.Pace(
            edge: edge, token: try OperatorContext().token, rate: rate, eventsPerRequest: batch, concurrency: concurrency,
            patience: patience.map { .seconds($0) })
        let summary = try await SimulationRun.run(plan, extent: extent, pace: pace, truthPath: truth)
        for line in summary.lines { print(line) }
        try Self.report(summary)
    }

    /// - Parameter now: in whole seconds, so that `--end` can say the same.
    func plan(now: Timestamp) -> SimulationPlan {
        var plan = SimulationPlan(
            seed: seed, members: members, titles: titles, sessions: sessions ?? (events == nil ? Self.defaultSessions : nil),
            events: events, perturbation: Perturbation(duplicates: duplicates, reorder: reorder, late: late, drop: drop),
            end: end.flatMap(RFC3339.parse) ?? now, prefix: "")
        plan.prefix = prefix ?? SimulationPlan.prefix(for: plan)
        return plan
    }

    private static func report(_ summary: SimulationSummary) throws {
        func complain(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
        for refusal in summary.measures.refusals { complain("refused: \(refusal)") }
        switch summary.stop {
        case .interrupted: throw ExitCode(130)
        case .failed(let reason):
            complain("Error: \(reason)")
            throw ExitCode.failure
        case nil:
            guard summary.totals.refused == 0 else {
                complain("Error: the edge refused \(summary.totals.refused) events, all of them good")
                throw ExitCode.failure
            }
        }
    }

    private static func check(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard !range.contains(value) else { return }
        let limit = range.upperBound == .max ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        throw ValidationError("--\(option) must be \(limit), not \(value)")
    }
}
