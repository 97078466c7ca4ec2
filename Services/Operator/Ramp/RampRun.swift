import EventStream
import Foundation
import HistoryStore
import Models

/// Takes the steps of a ramp, and watches.
final class RampRun {
    /// How a ramp ended.
    enum Ending {
        case finished
        case wentBack(String)
        case gaveUp(String)
    }

    /// Somebody else has changed the routing since the last look.
    private struct Overtaken: Error {}

    private let routes: RouteStore
    private let store: RampStore
    private let eyes: RampEyes
    private let comparison: LastComparison?
    private let interval: Duration
    private let by: String
    private let tell: (String) -> Void
    private let progress = ProgressLine()
    /// A step that is to be taken back, until that is done.
    private var goingBack: (slots: Int, reason: String)?

    /// - Parameters:
    ///   - comparison: nil where nothing is compared.
    ///   - interval: from one look to the next.
    ///   - tell: is told of each step, in words.
    init(
        _ context: OperatorContext, streams: OperatorStreams, store: RampStore, comparison: LastComparison?, interval: Duration, by: String,
        tell: @escaping (String) -> Void
    ) throws {
        routes = RouteStore(connection: streams.connection)
        eyes = RampEyes(context: try context.postgres(requestTimeout: .seconds(5)), streams: streams, routes: routes, interval: interval)
        self.store = store
        self.comparison = comparison
        self.interval = interval
        self.by = by
        self.tell = tell
    }

    /// Returns when nothing is left to do. A server that is away is waited for.
    func run(_ state: inout RampState) async throws -> Ending {
        defer { progress.clear() }
        while true {
            try Task.checkCancellation()
            do {
                guard try await store.hold() else { return .gaveUp("another playhead ramp has taken over") }
                if let ending = try await step(&state) { return ending }
            } catch is Overtaken {
                return .gaveUp("somebody else has changed the routing")
            } catch {
                // What is not seen does not count as watched.
                eyes.blink()
                progress.update("tries again: \(error)")
            }
            try await Task.sleep(for: interval)
        }
    }

    private func step(_ state: inout RampState) async throws -> Ending? {
        if let goingBack { return try await goBack(to: goingBack.slots, goingBack.reason, &state) }
        var seen = try await eyes.look()
        seen.comparison = comparison?.observation(since: state.stepBeganAt)
        switch state.decide(on: seen) {
        case .stay(let text):
            try await keep(state)
            let comparing = comparison.map {
                $0.failure.map { "; comparing fails: \($0)" } ?? "; \(seen.comparison?.compared ?? 0) sessions compared"
            }
            progress.update("\(MemberShare(slots: state.share)) %: \(text)\(comparing ?? "")")
            return nil
        case .advance(let slots):
            try await route(slots, &state, seen)
            tell("async \(MemberShare(slots: slots)) %")
            return nil
        case .goBack(let slots, let reason):
            goingBack = (slots, reason)
            return try await goBack(to: slots, reason, &state)
        case .finish:
            state.status = .finished
            try await keep(state)
            return .finished
        case .giveUp(let reason): return .gaveUp(reason)
        }
    }

    private func goBack(to slots: Int, _ reason: String, _ state: inout RampState) async throws -> Ending {
        state.status = .wentBack
        try await route(slots, &state, try await eyes.look())
        tell("back to async \(MemberShare(slots: slots)) %: \(reason)")
        return .wentBack(reason)
    }

    /// The same as a text that is kept.
    func keep(_ state: RampState) async throws {
        try await store.write(String(decoding: JSONEncoder().encode(state), as: UTF8.self))
    }

    /// - Throws: ``Overtaken`` where the table is not as the ramp left it.
    private func route(_ slots: Int, _ state: inout RampState, _ seen: RampObservation) async throws {
        // So that it is known what was meant, should this end here.
        state.intended = slots
        try await keep(state)
        let (left, plan) = (state.share, state.plan)
        _ = try await routes.change(by: by) { table in
            // Done by an attempt whose answer was lost.
            if table.async.slots == slots { return }
            guard table.async.slots == left, table.shadow.slots == plan.shadow(beside: left) else { throw Overtaken() }
            table.async = MemberShare(slots: slots)
            table.shadow = MemberShare(slots: plan.shadow(beside: slots))
        }
        state.took(slots, deadLetters: seen.deadLetters, now: try await eyes.now())
        progress.clear()
        try await keep(state)
    }
}
