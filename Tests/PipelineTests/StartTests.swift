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
        #expect(processor.process.waitUntilExit() == 1)
        #expect(processor.process.errorOutput.contains("PLAYHEAD_ADMIN_PORT is \(port), which cannot be listened on"))
        #expect(!processor.logLines().contains { $0["message"] == "consuming" })
        let groups = try await playhead.redis.connection().send(
            RedisCommand("EXISTS", RedisArgument("playhead:groups"))
        ).integer()
        #expect(groups == 0)
    }

    @Test(arguments: ["--help", "-h", "--version", "serve"])
    func anArgumentStartsNothing(argument: String) throws {
        for name in [RunningService.Name.edge, .processor, .compactor, .query] {
            let service = try RunningService(name, arguments: [argument], environment: [:])
            let isHelp = argument.hasSuffix("h") || argument == "--help"
            let output = service.process.readAll()
            #expect(service.process.waitUntilExit() == (isHelp ? 0 : 1))
            #expect(isHelp ? output.contains("PLAYHEAD_REDIS_URL") : service.process.errorOutput.contains("takes no arguments"))
        }
    }

    /// It would hold what it takes until others may take it over.
    @Test func aProcessorThatCannotWriteTakesNothing() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let empty = try await TestDatabase(isMigrated: false)
        for url in ["postgres://playhead@127.0.0.1:1/none", empty.url] {
            let broken = try playhead.start(.processor, settings: ["PLAYHEAD_POSTGRES_URL": url, "PLAYHEAD_REPLICA": "broken"])
            try await eventually("it is among those that do not work") {
                try playhead.start(.playhead, arguments: ["status"]).process.readAll().contains("not working: 1 (broken)")
            }
            let viewing = Viewing(members: 50, sessions: 1, events: 4)
            try await playhead.post(viewing.events)
            try await playhead.settle(within: .seconds(10))
            #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
            broken.process.send(SIGTERM)
            #expect(broken.process.waitUntilExit() == 0)
        }
    }
}
