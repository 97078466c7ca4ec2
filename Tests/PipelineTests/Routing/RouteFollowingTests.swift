import EventStream
import Foundation
import Models
import TestSupport
import Testing

/// Edges follow the routing table, and members stay where it puts them.
@Suite(.serialized) struct RouteFollowingTests {
    private let spools: TemporaryFolder

    init() throws {
        spools = try TemporaryFolder()
    }

    @Test func everyEdgeFollowsWithinASecondAndTheChangeIsOnRecord() async throws {
        let playhead = try await Playhead([.edge])
        let second = try playhead.start(.edge)
        try await second.untilReady()
        #expect(try await playhead.run("route", "show").output.contains("async 100 %, shadow 0 %, sync 0 % (never set)"))

        // Not each time: a machine that does everything at once may stand still for longer than that.
        var (quick, version) = (0, 0.0)
        while quick < 3, version < 12 {
            version += 1
            try await playhead.route { $0.async = MemberShare(slots: 1000 + Int(version)) }
            let began = ContinuousClock.now
            for edge in [playhead[.edge], second] {
                try await eventually("it follows") { try await playhead.followedVersion(of: edge) == version }
            }
            if .now - began < .seconds(1) { quick += 1 }
        }
        #expect(quick == 3, "of \(version)")

        try await playhead.route("set", "--async", "12.5", "--shadow", "20", "--by", "ada")
        try await playhead.route("pin", "m-7", "sync", "--by", "bob")
        let shown = try await playhead.run("route", "show", "--member", "m-7")
        #expect(shown.output.contains("async 12.5 %, shadow 20 %, sync 67.5 % (version \(Int(version) + 2))"))
        #expect(shown.output.contains(/by ada: async 10.0\d %, shadow 0 %, sync 89.\d+ % -> async 12.5 %, shadow 20 %, sync 67.5 %/))
        #expect(shown.output.contains("by bob:") && shown.output.contains("m-7: by its share -> sync"))
        #expect(shown.output.contains("m-7 goes sync"))
        try await eventually("both edges tell that they follow it") {
            try await playhead.run("route", "show").output.components(separatedBy: ": follows it").count == 3
        }
        #expect(try await playhead.run("route", "set", "--async", "12.5").output.contains("nothing to change"))

        for (arguments, complaint) in [
            (["route", "set"], "give --async"), (["route", "set", "--async", "101"], "--async"),
            (["route", "set", "--async", "90"], "more than 100 %"), (["route", "set", "--shadow", "1.234"], "--shadow"),
            (["route", "pin", "m-7", "sideways"], "sideways"),
        ] {
            let command = try await playhead.start(.playhead, arguments: arguments).ending()
            #expect(command.status != 0 && command.errors.contains(complaint), "\(arguments): \(command)")
        }
    }

    @Test func theLastKnownTableServesWhileRedisIsAway() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_SPOOL_DIR": spools.url.path])
        try await playhead.route("set", "--async", "0")
        try await playhead.route("pin", "apart", "async")
        let file = spools.url.appending(path: "route.json").path
        try await eventually("it is on disk") { try String(contentsOfFile: file, encoding: .utf8).contains(#""version":2"#) }
        playhead.redis.server.hang()
        let fresh = try playhead.start(.edge, settings: ["PLAYHEAD_STREAM_TIMEOUT_MS": "1000"])
        let address = try await fresh.api()
        try await eventually("it says by what it goes") {
            try await playhead.readiness(of: fresh).text.contains("version 2 is followed further")
        }
        #expect(try await playhead.place(of: [.playing(seq: 0)], at: address) == "database")
        #expect(try await playhead.place(of: [.playing(member: "apart", seq: 0)], at: address) == "spool")
        playhead.redis.server.continueAfterHang()
        try await playhead.route { $0.async = .all }
        try await eventually("it follows again") { try await playhead.followedVersion(of: fresh) == 3 }

        // A Redis that was emptied is no reason to jump.
        try await playhead.route { $0.async = .none }
        try await eventually("both tell that they follow it") {
            try await playhead.run("route", "show").output.components(separatedBy: ": follows it").count == 3
        }
        _ = try await playhead.redis.connection().send(RedisCommand("DEL", "playhead:route"))
        try await eventually("it says so") { try await playhead.readiness(of: fresh).text.contains("no routing table any more") }
        #expect(try await playhead.place(of: [.playing(seq: 1)], at: address) == "database")
        let pin = try await playhead.run("route", "pin", "m-9", "sync")
        #expect(pin.status != 0 && pin.errors.contains("first set both --async and --shadow"), "\(pin)")
        try await playhead.route("set", "--async", "30", "--shadow", "0")
        #expect(try await playhead.followedVersion(of: fresh) == 5)

        // One that stops leaves, and need not be waited for.
        #expect(try await playhead.run("route", "show").output.contains("edge "))
        fresh.process.send(SIGTERM)
        playhead[.edge].process.send(SIGTERM)
        #expect(await fresh.ending().status == 0)
        #expect(await playhead[.edge].ending().status == 0)
        #expect(try await !playhead.run("route", "show").output.contains("edge "))
    }

    @Test func aTableThatCannotBeReadIsNotFollowed() async throws {
        let playhead = try await Playhead([.edge])
        try await playhead.route("set", "--async", "0")
        _ = try await playhead.redis.connection().send(RedisCommand("SET", "playhead:route", #"{"version":9,"async":"1000"}"#))
        try await eventually("it says so") { try await playhead.readiness().text.contains("version 1 is followed further") }
        #expect(try await playhead.place(of: [.playing(seq: 0)]) == "database")
        let command = try await playhead.run("route", "set", "--async", "5")
        #expect(command.status != 0 && command.errors.contains("not a routing table"))
    }

    /// Some members are written by both ways at once, in both directions of the switch.
    @Test func mixedWritingIsExact() async throws {
        let playhead = try await Playhead([.edge, .processor, .processor, .query])
        let second = try playhead.start(.edge)
        try await second.untilReady()
        let addresses = [playhead.edge, try await second.api()]
        let viewing = Viewing(members: 25, sessions: 3, events: 30)
        // While requests are under way, and others follow at once.
        func turn(_ round: Int) async throws {
            try await playhead.route { $0.async = MemberShare(slots: [5000, 0, 5000, 10_000][round % 4]) }
            for edge in [playhead[.edge], second] {
                try await eventually("it follows") { try await playhead.followedVersion(of: edge) == Double(round + 1) }
            }
        }
        var places: [String: Int] = [:]
        try await withThrowingTaskGroup(of: String.self) { group in
            var running = 0
            // Everything twice, shuffled, over both edges.
            for (number, start) in stride(from: 0, to: viewing.events.count * 2, by: 6).enumerated() {
                let events = (start..<start + 6).map { viewing.events[$0 * 7 % viewing.events.count] }
                if number % 75 == 0 { try await turn(number / 75) }
                if running == 8, let place = try await group.next() { places[place, default: 0] += 1 } else { running += 1 }
                group.addTask { try await playhead.place(of: events, at: addresses[number % 2]) }
            }
            for try await place in group { places[place, default: 0] += 1 }
        }
        try await playhead.settle()
        #expect(places["database", default: 0] > 20 && places["stream", default: 0] > 20, "\(places)")
        #expect(try await playhead.summaries(of: viewing.members) == viewing.expected)
    }
}
