import EventStream
import Foundation
import HistoryStore
import TestSupport
import Testing

@Suite(.serialized) struct LifecycleTests {
    @Test func onTermEveryServiceStopsCleanlyAndSoon() async throws {
        let playhead = try await Playhead()
        try await playhead.post(Viewing(members: 5, sessions: 1, events: 5).events)
        for name in [RunningService.Name.edge, .processor, .compactor, .query] {
            let service = playhead[name]
            let began = ContinuousClock.now
            service.process.send(SIGTERM)
            #expect(await service.process.waitUntilExit() == 0, "\(name): \(service.process.errorOutput)")
            #expect(.now - began < .seconds(20), "\(name)")
        }
    }

    @Test func aStopInTheMiddleOfABacklogIsSoonAndLosesNothing() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_REPLICA": "p", "PLAYHEAD_BATCH_EVENTS": "1000"])
        let viewing = Viewing(members: 60, sessions: 5, events: 100)
        try await playhead.post(viewing.events)
        let revision = PostgresStatement(name: "revision", sql: "SELECT last_value FROM session_revision")
        let watcher = playhead.database.connection("watcher")
        let processor = try playhead.start(.processor)
        try await eventually("the processor writes") { try await watcher.run(revision()).int8(0, 0) != 1 }
        let began = ContinuousClock.now
        processor.process.send(SIGTERM)
        #expect(await processor.process.waitUntilExit() == 0)
        #expect(.now - began < .seconds(20))
        _ = try playhead.start(.processor)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }

    @Test func everyMetricIsDocumented() async throws {
        let playhead = try await Playhead()
        try await playhead.post([.playing(seq: 0)])
        try await playhead.settle()
        _ = try await HTTP.get(playhead.query + "/v1/members/m-1/history")
        let page = URL(filePath: #filePath).appending(path: "../../../docs/operations.md").standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        for service in [RunningService.Name.edge, .processor, .compactor, .query] {
            let metrics = try await HTTP.get(playhead[service].admin() + "/metrics").text
            let names = metrics.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
            #expect(!names.isEmpty, "\(service)")
            for name in names {
                #expect(text.contains("| `\(name)`") || text.contains("| `\(name){"), "docs/operations.md lacks \(name)")
            }
        }
    }

    @Test(arguments: [
        (["PLAYHEAD_HTTP_PROT": "1"], "PLAYHEAD_HTTP_PROT"), (["PLAYHEAD_PARTITIONS": "many"], "PLAYHEAD_PARTITIONS"),
        (["PLAYHEAD_HTTP_HOST": "0.0.0.0"], "PLAYHEAD_INSECURE_NO_AUTH"), (["PLAYHEAD_REDIS_URL": "http://x"], "PLAYHEAD_REDIS_URL"),
    ])
    func aSettingThatDoesNotFitIsAStartUpErrorThatNamesIt(settings: [String: String], named: String) async throws {
        let service = try RunningService(.edge, environment: settings)
        #expect(await service.process.waitUntilExit() == 1)
        #expect(service.process.errorOutput.contains(named))
    }

    @Test func aServiceWithAnotherNumberOfPartitionsDoesNotStart() async throws {
        let playhead = try await Playhead([.edge])
        for name in [RunningService.Name.edge, .processor, .compactor] {
            let other = try playhead.start(name, settings: ["PLAYHEAD_PARTITIONS": "4"])
            #expect(await other.process.waitUntilExit() == 1, "\(name)")
            #expect(other.process.errorOutput.contains("PLAYHEAD_PARTITIONS is 4"), "\(name): \(other.process.errorOutput)")
        }
    }

    @Test func servicesWaitForServersThatAreNotThereYet() async throws {
        // Ports that nothing listens on.
        let settings = ["PLAYHEAD_REDIS_URL": "redis://127.0.0.1:1", "PLAYHEAD_POSTGRES_URL": "postgres://x@127.0.0.1:1/x"]
        for name in [RunningService.Name.edge, .processor, .compactor, .query] {
            let service = try RunningService(name, environment: settings)
            let admin = try await service.admin()
            #expect(try await HTTP.get(admin + "/livez").status == 200, "\(name)")
            #expect(try await HTTP.get(admin + "/readyz").status == 503, "\(name)")
            #expect(service.process.isRunning)
            service.process.send(SIGTERM)
            #expect(await service.process.waitUntilExit() == 0, "\(name): \(service.process.errorOutput)")
        }
    }

    @Test func theCompactorKeepsTheStreamsEmptyWhileNothingIsUnread() async throws {
        let playhead = try await Playhead(settings: ["PLAYHEAD_TRIM_INTERVAL_MS": "20", "PLAYHEAD_STREAM_RETENTION": "0s"])
        try await playhead.post(Viewing(members: 20, sessions: 2, events: 20).events)
        let inspector = StreamInspector(topology: StreamTopology(partitions: 16), connection: playhead.redis.connection())
        try await eventually("all entries are trimmed") {
            try await inspector.partitions(group: "history").allSatisfy { $0.length == 0 && $0.oldestUnappliedAgeMs == nil }
        }
        #expect(try await HTTP.get(playhead[.compactor].admin() + "/metrics").text.contains("playhead_compactor_trimmed_entries_total"))
        let metrics = try await HTTP.get(playhead[.processor].admin() + "/metrics").text
        #expect(metrics.contains("playhead_processor_events_total{outcome=\"applied\"} 800.0"))
    }
}
