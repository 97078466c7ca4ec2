import CoreMetrics
import EventStream
import Logging
import Metrics
import ServiceKit
import Spool
import Synchronization

/// The gate as all parts of the edge share it, and what operators are told of it and of the spool.
final class EdgeCondition: Sendable {
    private let gate: Mutex<StreamGate>
    private let appender: StreamAppender
    private let spool: Spool?
    private let readiness: Readiness
    private let logger: Logger
    private let lastStep = Mutex(DegradationStep.stream)

    init(appender: StreamAppender, spool: Spool?, readiness: Readiness, logger: Logger, now: ContinuousClock.Instant = .now) {
        gate = Mutex(StreamGate(at: now))
        self.appender = appender
        self.spool = spool
        self.readiness = readiness
        self.logger = logger
    }

    var isTaking: Bool { gate.withLock { $0.isTaking } }

    func wantsProbe(at now: ContinuousClock.Instant) -> Bool { gate.withLock { $0.wantsProbe(at: now) } }

    /// Notes that Redis does not take events. What waits for it is sent away, to the spool.
    func failed(_ error: any Error, at now: ContinuousClock.Instant = .now) {
        guard gate.withLock({ $0.failed("\(error)", at: now) }) else { return }
        appender.turnAway()
        logger.warning(
            spool == nil ? "Redis does not take events: refusing them" : "Redis does not take events: spooling them",
            metadata: ["error": "\(error)"])
        report()
    }

    func probeFailed(_ error: any Error, at now: ContinuousClock.Instant = .now) {
        let isFirst = gate.withLock { gate in
            let isFirst = if case .open("starting", _) = gate.state { true } else { false }
            gate.probeFailed("\(error)", at: now)
            return isFirst
        }
        if isFirst { logger.warning("Redis does not take events yet", metadata: ["error": "\(error)"]) }
        report()
    }

    func probeSucceeded(at now: ContinuousClock.Instant = .now) {
        guard let reason = gate.withLock({ $0.probeSucceeded(at: now) }) else { return }
        logger.notice("Redis takes events", metadata: ["before": "\(reason)"])
        report()
    }

    /// Brings `/readyz` and the metrics up to date.
    func report() {
        let state = gate.withLock { $0.state }
        let usage = spool?.usage
        let step = DegradationStep(isTaking: state == .taking, usage: usage)
        Gauge(label: "playhead_edge_degradation_step").record(step.rawValue)
        logChange(to: step)
        switch state {
        case .taking: readiness.works("redis")
        case .open(let reason, _): readiness.fails("redis", reason, isDegradedOnly: step != .refusing)
        }
        guard let usage else { return }
        Gauge(label: "playhead_edge_spool_bytes").record(usage.bytes)
        Gauge(label: "playhead_edge_spool_events").record(usage.events)
        Gauge(label: "playhead_edge_spool_adopted_events").record(usage.adoptedEvents)
        Gauge(label: "playhead_edge_spool_corrupt_segments").record(usage.corruptSegments)
        if let trouble = Self.trouble(of: usage, isTaking: state == .taking) {
            readiness.fails("spool", trouble, isDegradedOnly: step != .refusing)
        } else {
            readiness.works("spool")
        }
    }

    /// The streams and the spool have lines of their own; what clients lose has one here.
    private func logChange(to step: DegradationStep) {
        let former = lastStep.withLock { last in
            defer { last = step }
            return last
        }
        guard step != former else { return }
        switch step {
        case .essentials: logger.warning("the spool is nearly full: progress events are put off")
        case .refusing: logger.error("events are refused: /readyz says why")
        case .stream, .spool: if former != .stream, former != .spool { logger.notice("all events are taken again") }
        }
    }

    /// What is wrong with a spool; nil for nothing. A failed write counts while the spool is needed: afterwards nobody tries again.
    static func trouble(of usage: SpoolUsage, isTaking: Bool) -> String? {
        var troubles: [String] = []
        if !isTaking, let failure = usage.failure { troubles.append(failure) }
        switch usage.level {
        case .everything: break
        case .essentials: troubles.append("more than 80 % of \(usage.limitBytes >> 20) MiB are used")
        case .nothing: troubles.append("its \(usage.limitBytes >> 20) MiB are used")
        }
        if usage.corruptSegments > 0 { troubles.append("\(usage.corruptSegments) damaged segments were set aside, see docs/spool.md") }
        return troubles.isEmpty ? nil : troubles.joined(separator: "; ")
    }
}
