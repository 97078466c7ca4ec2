import Models
import Oracle

/// Makes up the events of one session: heartbeats, pauses, seeks, and an end that is not always reported.
struct SessionScript {
    /// No part of so many events has more than ``SessionState/maximalRuns`` runs: the fold stays exact whatever is lost, and in
    /// whatever order the rest arrives.
    static let maximalEvents = 2 * SessionState.maximalRuns - 1
    /// Longer sessions have longer intervals, so that hardly any comes near ``maximalEvents``.
    private static let maximalHeartbeats: Int64 = 800

    private let outline: SessionOutline
    private let device: ViewerDevice
    private let intervalMs: Int64
    private let speed: Double
    private var random: SeededGenerator
    private var clockMs: Int64 = 0
    private var positionMs: Int64
    /// nil while it plays.
    private var pausedUntilMs: Int64?
    private var events: [SimulatedEvent] = []

    static func events(of outline: SessionOutline, on device: ViewerDevice) -> [SimulatedEvent] {
        var script = SessionScript(outline, device)
        script.play()
        return script.events
    }

    private init(_ outline: SessionOutline, _ device: ViewerDevice) {
        self.outline = outline
        self.device = device
        intervalMs = max(device.intervalMs, outline.lengthMs / Self.maximalHeartbeats)
        var random = SeededGenerator(seed: outline.seed)
        speed = random.happens(0.92) ? 1 : [1.25, 1.5].randomElement(using: &random)!
        if outline.reachesEnd, let runtimeMs = outline.title.runtimeMs {
            positionMs = max(runtimeMs - Int64(Double(outline.lengthMs) * speed), 0)
        } else if outline.isFollowUp || random.happens(0.6) {
            positionMs = 0
        } else {
            // Goes on where an earlier session stopped.
            positionMs = random.integer(in: 0...(outline.title.runtimeMs ?? 7_200_000) * 8 / 10)
        }
        self.random = random
        events.reserveCapacity(Int(outline.lengthMs / intervalMs) + 4)
    }

    private mutating func play() {
        append(.start)
        // Two more for a natural end and what follows it, one for the session's end.
        while events.count < Self.maximalEvents - 3 {
            let waitMs = waitMs()
            guard clockMs + waitMs < outline.lengthMs else { break }
            if pausedUntilMs == nil {
                guard playOn(for: waitMs) else { break }
            } else {
                stayPaused(for: waitMs)
            }
        }
        end()
    }

    /// Until the device has something to report.
    private mutating func waitMs() -> Int64 {
        if let pausedUntilMs, !device.reportsWhilePaused { return max(pausedUntilMs - clockMs, 1) }
        // Timers of devices are not exact.
        return intervalMs * random.integer(in: 90...110) / 100
    }

    private mutating func stayPaused(for waitMs: Int64) {
        clockMs += waitMs
        if let pausedUntilMs, clockMs >= pausedUntilMs {
            self.pausedUntilMs = nil
            append(.resume)
        } else {
            append(.progress)
        }
    }

    /// - Returns: false where the title ended and the viewer leaves it at that.
    private mutating func playOn(for waitMs: Int64) -> Bool {
        let playedMs = playedMs(in: waitMs)
        if let runtimeMs = outline.title.runtimeMs, positionMs + playedMs >= runtimeMs { return reachEnd(of: runtimeMs) }
        clockMs += waitMs
        positionMs += playedMs
        // A session played to its end is one without a break, else it would not end when it should.
        switch outline.reachesEnd ? 1 : random.fraction() {
        case ..<0.02:
            append(.pause)
            pausedUntilMs = clockMs + random.logarithmic(in: 5000...1_200_000)
        case ..<0.035: seek()
        default: append(.progress)
        }
        return true
    }

    private mutating func playedMs(in waitMs: Int64) -> Int64 {
        let stallMs = !outline.reachesEnd && random.happens(0.02) ? random.integer(in: 0...waitMs) : 0
        return Int64(Double(waitMs - stallMs) * speed)
    }

    /// The title ends while there is time left: it is played again from its beginning.
    private mutating func reachEnd(of runtimeMs: Int64) -> Bool {
        // No time at all after a seek to the very end; but no two events happen at once.
        let leftMs = max(Int64(Double(runtimeMs - positionMs) / speed), 1)
        let restMs = random.integer(in: 1000...8000)
        positionMs = runtimeMs
        guard clockMs + leftMs + restMs < outline.lengthMs else { return false }
        clockMs += leftMs
        if random.happens(0.6) { append(.complete) }
        clockMs += restMs
        positionMs = 0
        append(.seek, from: runtimeMs)
        return true
    }

    private mutating func seek() {
        let origin = positionMs
        let limit = outline.title.runtimeMs ?? origin + 600_000
        let target =
            switch random.fraction() {
            case ..<0.4: origin - [10_000, 30_000].randomElement(using: &random)!
            case ..<0.7: origin + [30_000, 90_000].randomElement(using: &random)!
            default: random.integer(in: 0...limit)
            }
        positionMs = min(max(target, 0), limit)
        append(.seek, from: origin)
    }

    /// The last event is always at the end of the session's time. Where the stop never came it is a heartbeat.
    private mutating func end() {
        if pausedUntilMs == nil { positionMs += Int64(Double(outline.lengthMs - clockMs) * speed) }
        clockMs = outline.lengthMs
        var isAtEnd = false
        if let runtimeMs = outline.title.runtimeMs {
            if outline.reachesEnd { positionMs = runtimeMs }
            isAtEnd = positionMs >= runtimeMs
            positionMs = min(positionMs, runtimeMs)
        }
        if outline.reachesEnd || (isAtEnd && random.happens(0.8)) {
            append(.complete)
        } else {
            append(random.happens(0.1) ? .progress : .stop)
        }
    }

    private mutating func append(_ kind: EventKind, from origin: Int64? = nil) {
        events.append(
            SimulatedEvent(
                kind: kind, positionMs: positionMs, fromPositionMs: device.reportsSeekOrigin ? origin : nil, atMs: clockMs,
                tellsRuntime: outline.title.runtimeMs != nil && tells(device.runtimeReporting), tellsDevice: tells(device.deviceReporting)))
    }

    private func tells(_ reporting: ViewerDevice.Reporting) -> Bool {
        switch reporting {
        case .withEveryEvent: true
        case .withTheStart: events.isEmpty
        case .never: false
        }
    }
}
