import Models
import Oracle
import Testing

@testable import Operator

@Suite("The events of a simulated session")
struct SessionScriptTests {
    private struct Played {
        var outline: SessionOutline
        var device: ViewerDevice
        var events: [SimulatedEvent]
    }

    private static let played = SessionSequence(seed: 7, members: 500, titles: 200).prefix(5000).map { outline in
        let device = ViewerDevice(member: outline.member, number: outline.device)
        return Played(outline: outline, device: device, events: SessionScript.events(of: outline, on: device))
    }

    @Test("begin with a start and end when the session does, in the order of their time")
    func frame() {
        for session in Self.played {
            #expect(session.events[0].kind == .start && session.events[0].atMs == 0)
            #expect(session.events.dropFirst().allSatisfy { $0.kind != .start })
            #expect(session.events.last?.atMs == session.outline.lengthMs)
            #expect(zip(session.events, session.events.dropFirst()).allSatisfy { $0.atMs < $1.atMs }, "\(session.outline)")
        }
    }

    @Test("are some 45 on average, and never so many that the fold would not be exact")
    func number() {
        let mean = Double(Self.played.reduce(0) { $0 + $1.events.count }) / Double(Self.played.count)
        #expect((35...55).contains(mean))
        #expect(Self.played.allSatisfy { $0.events.count <= SessionScript.maximalEvents })
        #expect(SessionScript.maximalEvents / 2 + 1 <= SessionState.maximalRuns)
    }

    @Test("stay within the limit even where the viewer pauses and seeks more than they play", arguments: 0..<200 as Range<UInt64>)
    func limit(seed: UInt64) {
        let outline = SessionOutline(
            number: 0, member: 0, device: 0, title: CatalogueTitle(rank: Int(seed)), episode: 0, startMs: 0, lengthMs: 43_200_000,
            reachesEnd: false, isFollowUp: false, seed: seed)
        let events = SessionScript.events(of: outline, on: ViewerDevice(member: Int(seed), number: 0))
        #expect(events.count <= SessionScript.maximalEvents && events.last?.atMs == outline.lengthMs)
    }

    @Test("stay within the title")
    func positions() {
        for session in Self.played {
            #expect(session.events.allSatisfy { $0.positionMs >= 0 && $0.positionMs <= session.outline.title.runtimeMs ?? .max })
        }
    }

    @Test("are heartbeats at the device's interval, 10 to 60 s, some percent more or less")
    func heartbeats() {
        #expect(Set((0..<500).map { ViewerDevice(member: $0, number: 0).intervalMs / 10_000 }) == [1, 2, 3, 4, 5])
        for session in Self.played where session.outline.lengthMs < 800 * session.device.intervalMs {
            for (event, next) in zip(session.events, session.events.dropFirst()) where (event.kind, next.kind) == (.progress, .progress) {
                let waited = next.atMs - event.atMs
                #expect(waited <= session.device.intervalMs * 11 / 10)
                // The last comes when the session ends.
                if next.atMs < session.outline.lengthMs { #expect(waited >= session.device.intervalMs * 9 / 10) }
            }
        }
    }

    @Test("have a resume after each pause, and a playhead that stands still in between")
    func pauses() {
        var pauses = 0
        for session in Self.played {
            var pausedAt: Int64?
            for event in session.events {
                if let pausedAt { #expect(event.positionMs == pausedAt, "\(session.outline)") }
                switch event.kind {
                case .pause:
                    pauses += 1
                    #expect(pausedAt == nil)
                    pausedAt = event.positionMs
                case .resume:
                    #expect(pausedAt != nil)
                    pausedAt = nil
                default: break
                }
            }
        }
        #expect(pauses > 1000)
    }

    @Test("have seeks, of some devices with the position before")
    func seeks() {
        let seeks = Self.played.flatMap { session in session.events.filter { $0.kind == .seek }.map { (session.device, $0) } }
        let withOrigin = seeks.count { $0.1.fromPositionMs != nil }
        #expect(seeks.count > 1000 && (0.4...0.8).contains(Double(withOrigin) / Double(seeks.count)))
        #expect(seeks.allSatisfy { $0.reportsSeekOrigin == ($1.fromPositionMs != nil) })
        #expect(Self.played.allSatisfy { $0.events.allSatisfy { $0.kind == .seek || $0.fromPositionMs == nil } })
    }

    @Test("end at times with the title, at times without a stop")
    func endings() {
        let last = Dictionary(grouping: Self.played) { $0.events.last!.kind }.mapValues { Double($0.count) / Double(Self.played.count) }
        #expect(Set(last.keys) == [.stop, .complete, .progress])
        #expect((0.1...0.4).contains(last[.complete] ?? 0) && (0.05...0.12).contains(last[.progress] ?? 0))
        for session in Self.played where session.outline.reachesEnd {
            #expect(session.events.last?.kind == .complete && session.events.last?.positionMs == session.outline.title.runtimeMs)
        }
    }

    @Test("tell the title's length and the device in every event, in the start alone, or never")
    func attributes() {
        var runtimes: Set<String> = []
        var devices: Set<String> = []
        for session in Self.played where session.events.count > 2 {
            let tellsRuntime = session.events.map(\.tellsRuntime)
            #expect(session.outline.title.runtimeMs != nil || !tellsRuntime.contains(true))
            if session.outline.title.runtimeMs != nil { runtimes.insert(Self.pattern(tellsRuntime)) }
            devices.insert(Self.pattern(session.events.map(\.tellsDevice)))
        }
        #expect(runtimes == ["all", "first", "none"] && devices == runtimes)
    }

    private static func pattern(_ tells: [Bool]) -> String {
        if tells.allSatisfy({ $0 }) { return "all" }
        if tells[0], !tells.dropFirst().contains(true) { return "first" }
        return tells.contains(true) ? "some" : "none"
    }

    @Test("are what an edge accepts, and watching earns credit")
    func validity() throws {
        for session in Self.played.prefix(500) {
            let simulated = SimulatedSession(
                number: 0, memberId: "m", sessionId: "s", title: session.outline.title, episode: session.outline.episode,
                device: session.device, startedAt: 1_763_700_000_000, events: session.events, deliveries: [], counts: PerturbationCounts())
            let events = session.events.indices.map(simulated.event)
            for event in events { try event.validateContent() }
            #expect(events.map(\.seq) == Array(0..<Int64(events.count)))
            if session.outline.lengthMs > 600_000 { #expect(SlowReference(events).summary.watchedMs > 0) }
        }
    }
}
