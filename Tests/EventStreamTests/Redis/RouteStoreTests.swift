import EventStream
import Models
import TestSupport
import Testing

@Suite struct RouteStoreTests {
    @Test func changesThatMeetAreAllMadeAndAllOnRecord() async throws {
        let redis = try await TestRedis()
        #expect(try await RouteStore(connection: redis.connection()).current() == nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                let store = RouteStore(connection: redis.connection("operator-\(number)"))
                group.addTask {
                    for _ in 0..<5 {
                        _ = try await store.change(by: "operator \(number)") { $0.pins[OpaqueID("m-\($0.pins.count)")] = .sync }
                    }
                }
            }
            try await group.waitForAll()
        }
        let store = RouteStore(connection: redis.connection())
        let table = try #require(try await store.current())
        #expect(table.version == 30 && table.pins.count == 30, "no change was lost under another")
        let changes = try await store.changes()
        #expect(changes.map(\.to.version) == Array((1...30).reversed()))
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.from == $1.to && $0.at >= $1.at })
        #expect(changes.last?.from == .initial && Set(changes.map(\.by)).count == 6)
        #expect(try await store.changes(limit: 2).map(\.to.version) == [30, 29])
    }

    @Test func whatChangesNothingIsNoChange() async throws {
        let redis = try await TestRedis()
        let store = RouteStore(connection: redis.connection())
        #expect(try await store.change(by: "x") { $0.async = .all } == nil)
        #expect(try await store.current() == nil)
        #expect(try await store.changes().isEmpty)
        // A table that Redis has lost is followed by a higher version.
        #expect(try await store.change(by: "x", above: 41) { $0.async = .none }?.to.version == 42)
        _ = try await redis.connection().send(RedisCommand("SET", "playhead:route", "{}"))
        await #expect(throws: RedisError.self) { _ = try await store.change(by: "x") { $0.async = .all } }
        #expect(try await store.text() == "{}", "what cannot be read is not overwritten")
    }

    @Test func aTableIsTheSameAfterItWasWritten() throws {
        let table = RoutingTable(
            version: 3, async: MemberShare(slots: 1005), shadow: MemberShare(slots: 50), pins: ["m \"1\"/é": .shadow, "m-2": .async])
        #expect(try RoutingTable(json: table.json) == table)
        #expect(table.json.hasPrefix(#"{"async":"10.05","pins":{"#))
        for text in [
            "", "[]", #"{"version":1,"async":"5"}"#, #"{"version":1,"async":"500","shadow":"0","pins":{}}"#,
            #"{"version":1,"async":"5","shadow":"0","pins":{"m":"sideways"}}"#, #"{"version":-1,"async":"5","shadow":"0","pins":{}}"#,
        ] {
            #expect(throws: RoutingTable.Malformed.self) { _ = try RoutingTable(json: text) }
        }
    }

    @Test func edgesTellAndLeave() async throws {
        let redis = try await TestRedis()
        let ledger = EdgeLedger(connection: redis.connection())
        var report = EdgeReport(routeVersion: 4, makesCopies: true, hasShadowed: false)
        report.asynchronous.answered = 17
        try await eventually("they told lately") {
            try await ledger.tell(report, of: "b")
            try await ledger.tell(EdgeReport(routeVersion: 3, makesCopies: false, hasShadowed: true), of: "a")
            return try await ledger.edges().allSatisfy(\.isLive)
        }
        let edges = try await ledger.edges()
        #expect(edges.map(\.name) == ["a", "b"] && edges[1].report == report)
        try await ledger.leave("a")
        #expect(try await ledger.edges().map(\.name) == ["b"])
        // One that has told nothing for two hours.
        let time = try await redis.connection().send(RedisCommand("TIME")).array()[0].text()
        let old =
            #"{"at":\#((Int64(time) ?? 0) * 1000 - 7_200_000),"report":{"routeVersion":1,"makesCopies":true,"hasShadowed":true,"#
            + #""synchronous":{"answered":0,"failed":0},"asynchronous":{"answered":0,"failed":0},"copied":0,"notCopied":0,"untoldSessions":0}}"#
        _ = try await redis.connection().send(RedisCommand("HSET", "playhead:edges", "old", RedisArgument(old), "garbage", "{"))
        #expect(try await ledger.edges().map(\.name) == ["b"])
        #expect(try await redis.connection().send(RedisCommand("HEXISTS", "playhead:edges", "old")).integer() == 0)
    }

    @Test func oneHoldsARampAtATime() async throws {
        let redis = try await TestRedis()
        let (first, second) = (
            RampStore(connection: redis.connection(), holder: "1"), RampStore(connection: redis.connection(), holder: "2")
        )
        #expect(try await first.hold())
        #expect(try await first.hold(), "once more")
        #expect(try await !second.hold())
        try await second.letGo()
        #expect(try await !second.hold(), "only who has it lets go")
        try await first.letGo()
        #expect(try await second.hold())
        #expect(try await !first.hold())
        #expect(try await first.read() == nil)
        try await first.write("state")
        #expect(try await second.read() == "state")
    }
}
