import EventStream
import Foundation
import Models
import TestSupport
import Testing
import Tokens

@Suite(.serialized) struct LiveTests {
    private func live(_ playhead: Playhead, _ member: String = "m-1", since id: String? = nil) async throws -> LiveConnection {
        let connection = try await LiveConnection(
            playhead.query + "/v1/members/\(member)/history/live", headers: id.map { [("last-event-id", $0)] } ?? [])
        #expect(connection.status == 200)
        try await eventually("the stream begins") { connection.lastID != nil }
        return connection
    }

    private func positions(_ events: [LiveConnection.Event]) throws -> [Int64] {
        struct Shown: Decodable { var positionMs: Int64 }
        return try events.filter { $0.name == "session" }.map { try JSONDecoder().decode(Shown.self, from: Data($0.data.utf8)).positionMs }
    }

    @Test func aMembersChangesCameAndNobodyElses() async throws {
        let playhead = try await Playhead()
        let stream = try await live(playhead)
        try await playhead.post([.playing(member: "other", seq: 0), .playing(member: "m-1", seq: 0)])
        try await eventually("the first") { stream.events.count == 1 }
        try await playhead.post([.playing(member: "m-1", seq: 1)])
        try await eventually("the second") { stream.events.count == 2 }
        #expect(try positions(stream.events) == [0, 10_000])
        #expect(!stream.raw.contains("other"))

        #expect(try await playhead.delete("/v1/members/m-1/history/t-1") == 204)
        try await eventually("that it is hidden") { stream.events.last?.name == "hidden" }
        // Late: of what is hidden. Then of something else, which comes.
        try await playhead.post([.playing(member: "m-1", seq: 2)])
        try await playhead.post([.playing(member: "m-1", session: "s-2", seq: 0, title: "t-2")])
        try await eventually("the other title") { stream.events.last?.data.contains("t-2") == true }
        #expect(stream.events.map(\.name) == ["session", "session", "hidden", "session"])
        #expect(try await playhead.delete("/v1/members/m-1") == 204)
        try await eventually("the erasure") { stream.events.last?.name == "erased" }
        stream.close()
    }

    @Test func whoComesBackGoesOnWhereItWas() async throws {
        let playhead = try await Playhead()
        let first = try await live(playhead)
        let beginning = try #require(first.lastID)
        try await playhead.post([.playing(member: "m-1", seq: 0)])
        try await eventually("the first") { first.events.count == 1 }
        let place = try #require(first.lastID)
        first.close()
        try await playhead.post([.playing(member: "m-1", seq: 1)])
        try await playhead.settle()
        let second = try await live(playhead, since: place)
        try await playhead.post([.playing(member: "m-1", seq: 2)])
        try await eventually("what was missed, and what is new") { second.events.count == 2 }
        #expect(try positions(second.events) == [10_000, 20_000])
        second.close()
        let third = try await live(playhead, since: beginning)
        try await eventually("all of it") { try positions(third.events) == [0, 10_000, 20_000] }
        third.close()

        let redis = playhead.redis.connection()
        for partition in 0..<16 { _ = try await redis.send(RedisCommand("DEL", RedisArgument(StreamNames.changes(partition)))) }
        let fourth = try await live(playhead, since: place)
        try await eventually("what was missed cannot be told") { fourth.events.map(\.name) == ["resync"] }
        fourth.close()
        #expect(try await HTTP.get(playhead.query + "/v1/members/m-1/history/live", headers: [("last-event-id", "nonsense")]).status == 400)
    }

    @Test func itShowsThatItLivesAndEndsWithItsTokenAndWithTheService() async throws {
        let folder = try TemporaryFolder()
        let issuer = TokenIssuer()
        try issuer.keySet.write(to: folder.url.appending(path: "jwks.json"))
        let playhead = try await Playhead(
            [.query],
            settings: [
                "PLAYHEAD_JWKS_FILE": folder.url.appending(path: "jwks.json").path, "PLAYHEAD_LIVE_HEARTBEAT_MS": "50",
                "PLAYHEAD_IDLE_TIMEOUT_MS": "300", "PLAYHEAD_LIVE_STREAMS": "2",
            ])
        func connect(lasting seconds: Double) async throws -> LiveConnection {
            let token = try await issuer.sign(
                AccessToken(member: "m-1", scopes: [], issuer: nil, audience: nil, expiresAt: .now + seconds))
            return try await LiveConnection(playhead.query + "/v1/members/m-1/history/live", headers: Playhead.bearer(token))
        }
        let short = try await connect(lasting: 15)
        let long = try await connect(lasting: 600)
        #expect(short.status == 200 && long.status == 200)
        let tooMany = try await connect(lasting: 600)
        #expect(tooMany.status == 503)
        try await eventually("its end") { short.isOver }
        #expect(short.events.last?.name == "end" && short.events.last?.data.contains("token-expired") == true, "\(short.raw)")
        #expect(short.raw.contains(": heartbeat\n\n"))
        #expect(!long.isOver, "it is not idle")
        playhead[.query].process.send(SIGTERM)
        #expect(await playhead[.query].process.waitUntilExit() == 0, "\(playhead[.query].process.errorOutput)")
        try await eventually("its end") { long.isOver }
        #expect(long.events.last?.data.contains("stopping") == true, "\(long.raw)")
    }

    @Test func itEndsWhenItsKeyIsWithdrawn() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "jwks.json")
        let issuer = TokenIssuer()
        try issuer.keySet.write(to: file)
        let playhead = try await Playhead([.query], settings: ["PLAYHEAD_JWKS_FILE": file.path])
        let token = try await issuer.sign(AccessToken(member: "m-1", scopes: [], issuer: nil, audience: nil, expiresAt: .now + 600))
        let stream = try await LiveConnection(playhead.query + "/v1/members/m-1/history/live", headers: Playhead.bearer(token))
        try await eventually("the stream begins") { stream.lastID != nil }
        try TokenIssuer().keySet.write(to: file)
        try await eventually("its end") { stream.isOver }
        #expect(stream.events.last?.data.contains("token-expired") == true, "\(stream.raw)")
    }

    @Test func anotherMembersPlaceIsNone() async throws {
        let playhead = try await Playhead([.query])
        let stream = try await live(playhead, "m-1")
        let place = try #require(stream.lastID)
        stream.close()
        let url = playhead.query + "/v1/members/m-2/history/live"
        #expect(try await HTTP.get(url, headers: [("last-event-id", place)]).status == 400)
    }

    @Test func whoComesBackIsNotShownWhatWasTakenOutMeanwhile() async throws {
        let playhead = try await Playhead()
        let first = try await live(playhead)
        let beginning = try #require(first.lastID)
        try await playhead.post([.playing(member: "m-1", seq: 0), .playing(member: "m-1", session: "s-2", seq: 0, title: "t-2")])
        try await eventually("both") { first.events.count == 2 }
        #expect(try await playhead.delete("/v1/members/m-1/history/t-1") == 204)
        try await eventually("that it is hidden") { first.events.last?.name == "hidden" }
        let second = try await live(playhead, since: beginning)
        try await eventually("what is left") { second.events.count == 2 }
        #expect(second.events.map(\.name) == ["session", "hidden"] && second.events[0].data.contains("t-2"))
        #expect(try await playhead.delete("/v1/members/m-1") == 204)
        try await eventually("the erasure") { first.events.last?.name == "erased" }
        let third = try await live(playhead, since: beginning)
        try await eventually("nothing else") { third.events.last?.name == "erased" }
        #expect(!third.events.contains { $0.name == "session" })
        for stream in [first, second, third] { stream.close() }
    }

    @Test func oneMemberDoesNotTakeWhatOthersNeed() async throws {
        let playhead = try await Playhead([.query])
        func connect(_ member: String) async throws -> LiveConnection {
            try await LiveConnection(playhead.query + "/v1/members/\(member)/history/live")
        }
        var streams: [LiveConnection] = []
        for _ in 0..<16 { streams.append(try await connect("m-1")) }
        #expect(streams.allSatisfy { $0.status == 200 })
        #expect(try await connect("m-1").status == 503)
        let other = try await connect("m-2")
        #expect(other.status == 200)
        for stream in streams + [other] { stream.close() }
    }
}
