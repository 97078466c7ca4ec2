import EventStream
import Foundation
import HistoryStore
import Models
import TestSupport
import Testing

@Suite(.serialized) struct StartTests {
    @Test func aProcessorWhosePortIsTakenSaysSoAndHasTakenNothing() async throws {
        let playhead = try await Playhead([.edge, .compactor])
        try await playhead.post([.playing(seq: 0)])
        let port = try #require(URL(string: try await playhead[.compactor].admin())?.port)
        let processor = try playhead.start(.processor, settings: ["PLAYHEAD_ADMIN_PORT": "\(port)"])
        #expect(await processor.process.waitUntilExit() == 1)
        #expect(processor.process.errorOutput.contains("PLAYHEAD_ADMIN_PORT is \(port), which cannot be listened on"))
        #expect(!processor.logLines().contains { $0["message"] == "consuming" })
        let groups = try await playhead.redis.connection().send(
            RedisCommand("EXISTS", RedisArgument("playhead:groups"))
        ).integer()
        #expect(groups == 0)
    }

    @Test(arguments: ["--help", "-h", "--version", "serve"])
    func anArgumentStartsNothing(argument: String) async throws {
        for name in [RunningService.Name.edge, .processor, .compactor, .query] {
            let service = try RunningService(name, arguments: [argument], environment: [:])
            let isHelp = argument.hasSuffix("h") || argument == "--help"
            let output = await service.process.readAll()
            #expect(await service.process.waitUntilExit() == (isHelp ? 0 : 1))
            #expect(isHelp ? output.contains("PLAYHEAD_REDIS_URL") : service.process.errorOutput.contains("takes no arguments"))
        }
    }

    /// It would hold what it takes until others may take it over, which here is longer than anything waits.
    @Test func aProcessorThatCannotWriteTakesNothing() async throws {
        let playhead = try await Playhead([.edge, .processor], settings: ["PLAYHEAD_CLAIM_IDLE_MS": "600000"])
        let empty = try await TestDatabase(isMigrated: false)
        for url in ["postgres://playhead@127.0.0.1:1/none", empty.url] {
            let broken = try playhead.start(.processor, settings: ["PLAYHEAD_POSTGRES_URL": url, "PLAYHEAD_REPLICA": "broken"])
            try await eventually("it is among those that do not work") {
                try await playhead.run("status").output.contains("not working: 1 (broken)")
            }
            let viewing = Viewing(members: 50, sessions: 1, events: 4)
            try await playhead.post(viewing.events)
            try await playhead.settle()
            #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
            broken.process.send(SIGTERM)
            #expect(await broken.process.waitUntilExit() == 0)
        }
    }
}
