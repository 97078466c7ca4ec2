import BlockingClient
import Models

/// Compares the two histories again and again beside a ramp, and keeps what the last comparison found.
final class LastComparison: Sendable {
    private struct Found {
        /// Sessions that began before are left out, in milliseconds since 1970.
        var since: Timestamp
        var whole: (beganAt: Timestamp, report: ShadowReport)?
        /// One that has found something and is not whole yet.
        var early: ShadowReport?
        var failure: String?
    }

    private let found: LockedValue<Found>

    init(since: Timestamp) {
        found = LockedValue(Found(since: since))
    }

    /// What was found of sessions that began since the step did.
    func observation(since stepBeganAt: Timestamp) -> RampObservation.Comparison {
        found.withLock { found in
            // What was found of other sessions says nothing about these.
            if found.since != stepBeganAt { found = Found(since: stepBeganAt) }
            let telling = [found.early, found.whole?.report].compactMap(\.self).max { $0.mismatches < $1.mismatches }
            return RampObservation.Comparison(
                beganAt: found.whole?.beganAt, compared: found.whole?.report.compared ?? 0, mismatches: telling?.mismatches ?? 0,
                example: telling?.exampleLines.first, uncertainty: found.whole?.report.uncertainty)
        }
    }

    /// The last one that found something, or is whole.
    var report: ShadowReport? { found.withLock { $0.early ?? $0.whole?.report } }
    /// Why the last one failed.
    var failure: String? { found.withLock(\.failure) }

    /// Runs until it is cancelled.
    /// - Parameter now: milliseconds since 1970.
    func repeatedly(_ run: ShadowRun, pausing: Duration, now: @Sendable () async throws -> Timestamp) async {
        var run = run
        while !Task.isCancelled {
            let since = found.withLock(\.since)
            run.options.since = since
            do {
                let beganAt = try await now()
                let report = try await run.run { report in
                    // A mismatch need not wait for the end.
                    if report.mismatches > 0 { self.note(since) { $0.early = report } }
                }
                note(since) { found in
                    found.whole = (beganAt, report)
                    found.early = nil
                    found.failure = nil
                }
            } catch {
                note(since) { $0.failure = "\(error)" }
            }
            try? await Task.sleep(for: pausing)
        }
    }

    /// Unless it is of sessions that nobody asks for any more.
    private func note(_ since: Timestamp, _ change: (inout Found) -> Void) {
        found.withLock { if $0.since == since { change(&$0) } }
    }
}
