import AsyncHTTPClient
import Foundation
import NIOCore
import UnixSignals

/// Sends what a plan makes to an edge, several requests at a time.
struct SimulationRun: Sendable {
    /// How to send; none of it changes what is sent.
    struct Pace: Sendable {
        var edge: String
        /// What the edge may ask for.
        var token: String?
        /// Events a second; nil for as fast as the edge takes them.
        var rate: Double?
        var eventsPerRequest: Int
        var concurrency: Int
        /// How long an edge that takes nothing is tried; nil for ever.
        var patience: Duration?
    }

    /// How often progress is shown, and waiting workers look whether they should stop.
    private static let attention = Duration.milliseconds(100)

    private let pace: Pace
    private let extent: SimulationExtent
    private let source: BatchSource
    private let ledger: TruthLedger
    private let sender: EventSender
    private let meter = SimulationMeter()
    private let stop = SimulationStop()
    private let began = ContinuousClock.now

    /// Sends everything, and returns when all of it is answered, or when it was interrupted or failed.
    /// - Parameter truthPath: of the truth file; nil for none.
    /// - Throws: ``ServiceAddress/Fault``, ``TruthFileError``.
    static func run(_ plan: SimulationPlan, extent: SimulationExtent, pace: Pace, truthPath: String?) async throws -> SimulationSummary {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = pace.concurrency
        // The sender waits and tries again itself, and says so.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let run = try SimulationRun(plan, extent: extent, pace: pace, truthPath: truthPath, client: client)
            let summary = try await run.untilTheEnd()
            try await client.shutdown()
            return summary
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private init(_ plan: SimulationPlan, extent: SimulationExtent, pace: Pace, truthPath: String?, client: HTTPClient) throws {
        self.pace = pace
        self.extent = extent
        sender = try EventSender(edge: pace.edge, client: client, token: pace.token, patience: pace.patience, onAttempt: meter.note)
        source = BatchSource(RequestBatches(DeliverySequence(plan, extent: extent), eventsPerRequest: pace.eventsPerRequest))
        ledger = try TruthLedger(plan: plan, path: truthPath)
    }

    private func untilTheEnd() async throws -> SimulationSummary {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let workers = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<pace.concurrency { group.addTask { await work() } }
            }
        }
        let listener = Task { for await _ in signals { stop.stop(.interrupted) } }
        let watcher = Task { await watch(workers) }
        await workers.value
        let seconds = (.now - began) / .seconds(1)
        listener.cancel()
        watcher.cancel()
        await watcher.value
        let made = await source.made
        return SimulationSummary(
            totals: try await ledger.finish(sessions: made.sessions, made: made.counts), measures: meter.current, seconds: seconds,
            stop: stop.reason)
    }

    private func work() async {
        while stop.reason == nil, let batch = await source.next() {
            guard await isTime(for: batch) else { return }
            var answer = TruthLedger.Answer.none
            do {
                let refused = try await sender.send(batch.request)
                answer = .accepted(refused: Set(refused.map(\.index)))
                meter.note(done: batch, refused: refused)
            } catch {
                stop.stop(.failed("\(error)"))
            }
            do {
                try await ledger.note(answer, to: batch)
            } catch {
                stop.stop(.failed("\(error)"))
            }
        }
    }

    /// Waits for a batch's time, where there is a rate to keep.
    /// - Returns: false if the simulation was stopped before.
    private func isTime(for batch: OutgoingBatch) async -> Bool {
        guard let rate = pace.rate else { return true }
        let due = began + .seconds(Double(batch.preceding) / rate)
        while .now < due {
            if stop.reason != nil { return false }
            try? await Task.sleep(for: min(due - .now, Self.attention))
        }
        return true
    }

    /// Shows progress, and calls off requests that are not answered when the run was stopped.
    private func watch(_ workers: Task<Void, Never>) async {
        let line = ProgressLine()
        var progress = SimulationProgress()
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.attention)
            if stop.isOverdue { workers.cancel() }
            let sessions = await source.made.sessions
            line.update(progress.text(share: Double(sessions) / Double(max(extent.sessions, 1)), measures: meter.current))
        }
        line.clear()
    }
}
