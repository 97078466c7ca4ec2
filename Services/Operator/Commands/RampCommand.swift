import ArgumentParser
import EventStream
import Foundation
import HistoryStore
import Models
import UnixSignals

/// `playhead ramp`
struct RampCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ramp",
        abstract: "Moves members from synchronous to asynchronous writing, step by step, and back when a limit is broken.",
        discussion: """
            Each step is watched for the soak time; where members are shadowed, a comparison that begins after it must also have found nothing. \
            A broken limit takes the last step back and ends the ramp with exit code 1; playhead ramp --resume goes on from there, as it does \
            after an interruption. Steps that are not above the present share are left out.
            """)

    @Option(
        help: ArgumentHelp(
            "Percent of members that go asynchronous, 0 to 100 with at most two decimals, rising, with commas.", valueName: "percents"))
    var plan = StepsArgument()

    @Option(help: ArgumentHelp("How long each step is watched, as 90s, 10m or 24h.", valueName: "duration"))
    var soak = DurationArgument(.seconds(600))

    @Option(help: ArgumentHelp("Percent of members that are shadowed beside it, 0 to 100; default: as it is.", valueName: "percent"))
    var shadow: MemberShare?

    @OptionGroup(title: "Limits") var limits: RampLimitOptions
    @OptionGroup(title: "Comparing with the shadow") var comparing: RampComparisonOptions
    @OptionGroup var author: ChangeAuthor

    @Option(help: ArgumentHelp("How often it looks, 100ms to 10s.", valueName: "duration"))
    var check = DurationArgument(.seconds(5))

    @Option(help: ArgumentHelp("Write how it ended there, as JSON.", valueName: "file"))
    var report: ReportPath?

    @Flag(help: "Only say what it would do.")
    var dryRun = false

    @Flag(help: "Go on with the ramp that was interrupted, or that went back, by its own plan.")
    var resume = false

    func validate() throws {
        guard (.milliseconds(100)...RampStore.holdFor / 3).contains(check.duration) else {
            throw ValidationError("--check must be from 100ms to 10s, not \(check.defaultValueDescription)")
        }
        try report?.validate("--report")
        if resume, let option = firstOfPlan { throw ValidationError("--resume goes on by the ramp's own plan: \(option) cannot be given") }
    }

    /// One that makes a plan, and is not as it is by itself.
    private var firstOfPlan: String? {
        guard let usual = try? Self.parse([]) else { return nil }
        let (limits, comparing) = (self.limits, self.comparing)
        let given = [
            ("--plan", plan.shares != usual.plan.shares), ("--soak", soak.duration != usual.soak.duration), ("--shadow", shadow != nil),
            ("--max-mismatches", limits.maxMismatches != usual.limits.maxMismatches),
            ("--max-apply-delay", limits.maxApplyDelay.duration != usual.limits.maxApplyDelay.duration),
            ("--max-errors", limits.maxErrors != usual.limits.maxErrors),
            ("--max-dead-letters", limits.maxDeadLetters != usual.limits.maxDeadLetters),
            ("--settle", comparing.settle.duration != usual.comparing.settle.duration),
            ("--min-compared", comparing.minCompared != usual.comparing.minCompared), ("--no-compare", !comparing.compare),
        ]
        return given.first { $0.1 }?.0
    }

    func run() async throws {
        let context = try OperatorContext()
        let streams = try await OperatorStreams(context)
        let holder = "\(author.by) \(UInt64.random(in: 0...UInt64.max))"
        let store = RampStore(connection: streams.connection, holder: holder)
        if !dryRun, try await !store.hold() {
            throw CommandFailure(
                "another playhead ramp is at it, or was until less than \(RampStore.holdFor.components.seconds) s ago")
        }
        if dryRun { return try await run(context, streams, store) }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let work = Task { try await run(context, streams, store) }
        let listener = Task {
            for await _ in signals {
                // A second one waits for no server.
                if work.isCancelled { _exit(130) }
                work.cancel()
            }
        }
        defer { listener.cancel() }
        do {
            try await work.value
        } catch {
            let isLeft = (try? await store.letGo()) != nil
            guard error is CancellationError else { throw error }
            let when = isLeft ? "" : " in \(RampStore.holdFor.components.seconds) s, as Redis does not answer"
            Self.say("interrupted: the present share stays; playhead ramp --resume goes on\(when)")
            throw ExitCode(130)
        }
    }

    private func run(_ context: OperatorContext, _ streams: OperatorStreams, _ store: RampStore) async throws {
        let routes = RouteStore(connection: streams.connection)
        let table = try await routes.current() ?? .initial
        let letters = DeadLetterStore(connection: try context.postgres())
        var state = try await state(from: table, store: store, deadLetters: Int64(letters.count()), now: streams.now())
        let comparison = state.plan.compares ? LastComparison(since: state.stepBeganAt) : nil
        let comparer = comparison == nil ? nil : try await shadowRun(state, context)
        let run = try RampRun(
            context, streams: streams, store: store, comparison: comparison, interval: check.duration, by: author.by, tell: Self.say)
        describe(state)
        if dryRun { return }
        if !resume, table.shadow.slots != state.plan.shadow(beside: state.share) {
            let share = MemberShare(slots: state.plan.shadow(beside: state.share))
            _ = try await routes.change(by: author.by) { $0.shadow = share }
            Self.say("shadow \(share) %")
        }
        try await run.keep(state)
        let comparing = comparison.flatMap { comparison in comparer.map { compare(comparison, by: $0, streams) } }
        defer { comparing?.cancel() }
        let ending = try await run.run(&state)
        try? await store.letGo()
        try finish(ending, state, comparison?.report)
    }

    /// At once, also into a file.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    /// A new one, or the one that is gone on with.
    private func state(from table: RoutingTable, store: RampStore, deadLetters: Int64, now: Timestamp) async throws -> RampState {
        if resume {
            guard let text = try await store.read(), var state = try? JSONDecoder().decode(RampState.self, from: Data(text.utf8)) else {
                throw CommandFailure("there is no ramp to go on with: start one without --resume")
            }
            guard state.status != .finished else { throw CommandFailure("the last ramp is finished: start another one without --resume") }
            state.resume(deadLetters: deadLetters, async: table.async.slots, now: now)
            return state
        }
        let steps = plan.shares.filter { $0 > table.async }.map(\.slots)
        guard !steps.isEmpty else {
            throw CommandFailure("nothing to do: \(table.async) % go asynchronous already; playhead route set --async 0 begins anew")
        }
        let shadow = (shadow ?? table.shadow).slots
        let plan = RampPlan(
            steps: steps, soakMs: Int64(soak.duration / .milliseconds(1)), shadow: shadow, compares: comparing.compare && shadow > 0,
            settleMs: Int64(comparing.settle.duration / .milliseconds(1)), leastCompared: comparing.minCompared, limits: limits.limits)
        return RampState(plan: plan, start: table.async.slots, deadLetters: deadLetters, now: now)
    }

    private func describe(_ state: RampState) {
        let left = state.plan.steps.dropFirst(state.index + 1).map { "\(MemberShare(slots: $0)) %" }.joined(separator: ", ")
        let (limits, share) = (state.plan.limits, MemberShare(slots: state.share))
        Self.say("now \(share) % async; next: \(left.isEmpty ? "nothing" : left), each for \(state.plan.soakMs / 1000) s")
        Self.say(
            "goes back where more than \(limits.mismatches) sessions differ, the oldest event waits for more than \(limits.applyDelayMs) ms, "
                + "more than \(MemberShare(slots: limits.errors)) % of requests fail, or more than \(limits.deadLetters) dead letters come")
        guard state.plan.compares else { return Self.say("nothing is compared: no share is shadowed, or --no-compare is given") }
        if state.index < 0, state.comparesStep { Self.say("first the present share is watched and compared for as long") }
        let steps = [state.share] + state.plan.steps.dropFirst(state.index + 1)
        guard zip(steps, steps.dropFirst()).contains(where: { $1 - $0 > state.plan.shadow }) else { return }
        let shadow = MemberShare(slots: state.plan.shadow)
        Self.say("some steps are larger than the \(shadow) % that are shadowed: the rest goes over without having been compared")
    }

    /// - Throws: where nothing can be compared.
    private func shadowRun(_ state: RampState, _ context: OperatorContext) async throws -> ShadowRun {
        let run = try await ShadowRun(
            context, options: .init(settle: .milliseconds(state.plan.settleMs), rate: comparing.rate, since: state.stepBeganAt))
        try await run.requireSchema()
        return run
    }

    private func compare(_ comparison: LastComparison, by run: ShadowRun, _ streams: OperatorStreams) -> Task<Void, Never> {
        let pause = check.duration
        return Task { await comparison.repeatedly(run, pausing: pause) { try await streams.now() } }
    }

    private func finish(_ ending: RampRun.Ending, _ state: RampState, _ found: ShadowReport?) throws {
        try report?.write(RampReport(ending, state, found).json)
        switch ending {
        case .finished: Self.say("done: \(MemberShare(slots: state.share)) % go asynchronous")
        case .wentBack:
            for line in found?.exampleLines ?? [] { Self.say("  \(line)") }
            Self.say("went back; after the cause is removed: playhead ramp --resume")
            throw ExitCode.failure
        case .gaveUp(let reason): throw CommandFailure(reason)
        }
    }
}
