import ArgumentParser
import CoreMetrics
import Foundation
import Logging
import Metrics
import Models
import ServiceKit

/// `playhead verify --shadow`: once for people and scripts, or again and again for those who watch metrics.
struct ShadowVerification {
    /// On `/readyz`.
    private static let part = "comparison"

    let options: ShadowOptions

    func run() async throws {
        let context = try OperatorContext()
        let since = try await options.since?.milliseconds(at: OperatorStreams(context).now()) ?? 0
        let run = try await ShadowRun(
            context, options: .init(settle: options.settle.duration, rate: options.rate, since: since))
        if options.continuous { return try await runContinuously(run) }
        let progress = ProgressLine()
        let report = try await run.run { report in
            progress.update("\(report.compared) sessions compared, \(report.mismatches) mismatches")
        }
        progress.clear()
        for line in report.lines { print(line) }
        try write(report)
        if report.mismatches > 0 { throw ExitCode.failure }
        if report.provesNothing { throw Self.nothingProven }
    }

    private static let nothingProven = ExitCode(2)

    private func runContinuously(_ run: ShadowRun) async throws {
        let runner = try ServiceRunner(name: "playhead-verify", defaults: [.adminPort: "9084"], awaiting: [Self.part])
        try await runner.run([
            PeriodicTask(
                Self.part, every: options.interval.duration, readiness: runner.readiness, logger: runner.logger,
                work: {
                    let report = try await run.run()
                    Self.record(report)
                    try write(report)
                    Self.log(report, to: runner.logger)
                })
        ])
    }

    private func write(_ report: ShadowReport) throws {
        try options.json?.write(report.json + "\n")
    }

    private static func record(_ report: ShadowReport) {
        for (result, count) in report.counts {
            Gauge(label: "playhead_verify_shadow_sessions", dimensions: [("result", result)]).record(count)
        }
        Gauge(label: "playhead_verify_shadow_mismatch_rate").record(report.mismatchRate ?? 0)
        // Fields that differed before, too, or they would stay.
        for name in FieldDifference.names {
            Gauge(label: "playhead_verify_shadow_differing_sessions", dimensions: [("field", name)]).record(report.fields[name] ?? 0)
        }
        Gauge(label: "playhead_verify_shadow_uncertain").record(report.uncertainty == nil ? 0 : 1)
        Gauge(label: "playhead_verify_shadow_seconds").record(report.seconds)
        Counter(label: "playhead_verify_shadow_comparisons_total").increment()
    }

    /// Members are named in the report that was asked for, not in the log.
    private static func log(_ report: ShadowReport, to logger: Logger) {
        let counts = report.counts.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
        if report.mismatches > 0 {
            logger.error("the two histories differ", metadata: ["sessions": "\(counts)"])
        } else {
            logger.info("compared", metadata: ["sessions": "\(counts)"])
        }
    }
}
