import Models
import Testing

@Suite("Which way a member's events go")
struct RoutingTableTests {
    private let members = (0..<20_000).map { OpaqueID("member-\($0)") }

    private func table(_ async: Int, _ shadow: Int) -> RoutingTable {
        RoutingTable(async: MemberShare(slots: async * 100), shadow: MemberShare(slots: shadow * 100))
    }

    @Test("shares are met, and a fresh installation is asynchronous")
    func shares() {
        let counts = Dictionary(grouping: members, by: table(10, 20).route).mapValues(\.count)
        #expect((1800...2200).contains(counts[.async] ?? 0))
        #expect((3700...4300).contains(counts[.shadow] ?? 0))
        #expect(members.allSatisfy { RoutingTable.initial.route(of: $0) == .async })
        #expect(RoutingTable.initial.isAllAsync && !table(99, 0).isAllAsync)
    }

    @Test("a place is given by FNV-1a 64 of route and the id")
    func place() {
        // Worked out by hand from the definition: offset basis, prime, UTF-8 of "route" and the id.
        #expect(table(0, 0).route(of: "m-1") == .sync)
        let place = Int(StableHash.fnv1a(purpose: "route", "m-1") % 10_000)
        #expect(RoutingTable(async: MemberShare(slots: place), shadow: .none).route(of: "m-1") == .sync)
        #expect(RoutingTable(async: MemberShare(slots: place + 1), shadow: .none).route(of: "m-1") == .async)
        #expect(RoutingTable(async: .none, shadow: MemberShare(slots: place + 1)).route(of: "m-1") == .shadow)
    }

    @Test("a raised share only moves members on, and lowering it takes back the same ones")
    func sticky() {
        let order: [Route: Int] = [.sync: 0, .shadow: 1, .async: 2]
        for (from, to) in [((0, 0), (0, 20)), ((1, 20), (5, 20)), ((5, 20), (25, 20)), ((25, 20), (100, 0)), ((5, 5), (5, 50))] {
            let (before, after) = (table(from.0, from.1), table(to.0, to.1))
            for member in members {
                let (old, new) = (order[before.route(of: member)]!, order[after.route(of: member)]!)
                #expect(old <= new)
            }
            #expect(members.map(table(from.0, from.1).route) == members.map(before.route))
        }
    }

    @Test("what goes asynchronous next was shadowed before")
    func shadowGoesFirst() {
        let (before, after) = (table(5, 20), table(25, 20))
        for member in members where before.route(of: member) != .async && after.route(of: member) == .async {
            #expect(before.route(of: member) == .shadow)
        }
    }

    @Test("pins go before shares")
    func pins() {
        var table = table(100, 0)
        table.pins = ["m-1": .sync, "m-2": .shadow]
        #expect(table.route(of: "m-1") == .sync && table.route(of: "m-2") == .shadow && table.route(of: "m-3") == .async)
        #expect(!table.isAllAsync && table.hasShadow)
        table.pins = ["m-1": .async]
        #expect(table.isAllAsync && !table.hasShadow)
    }

    @Test(
        "a share is read and written in percent",
        arguments: [("0", 0), ("10", 1000), ("0.5", 50), ("0.05", 5), ("12.34", 1234), ("100", 10_000)])
    func percent(text: String, slots: Int) {
        #expect(MemberShare(percent: text)?.slots == slots)
        #expect(MemberShare(slots: slots).description == text)
    }

    @Test("no other text is a share", arguments: ["", "-1", "101", "100.01", "1.234", "1.", ".5", "ten", "1e1", "٣"])
    func notPercent(text: String) {
        #expect(MemberShare(percent: text) == nil)
    }
}

@Suite("When a member was shadowed")
struct RouteHistoryTests {
    private func change(_ at: Timestamp, _ from: Route, _ to: Route) -> RouteHistory.Change {
        func table(_ route: Route) -> RoutingTable { RoutingTable(async: .none, shadow: .none, pins: ["m": route]) }
        return RouteHistory.Change(at: at, from: table(from), to: table(to), by: "test")
    }

    @Test("stretches begin and end with the changes")
    func stretches() {
        let history = RouteHistory([
            change(30, .shadow, .async), change(10, .sync, .shadow), change(20, .shadow, .shadow), change(50, .async, .shadow),
        ])
        let stretches = history.shadowing(of: "m")
        #expect(stretches.map(\.from) == [10, 50] && stretches.map(\.to) == [30, nil])
        #expect(stretches.map(\.wasAsync) == [false, true])
        #expect(history.shadowing(of: "other").isEmpty)
        #expect(RouteHistory([]).shadowing(of: "m").isEmpty)
    }

    @Test("what was before the oldest change that is known has no beginning")
    func unknownBeginning() {
        let stretches = RouteHistory([change(30, .shadow, .sync)]).shadowing(of: "m")
        #expect(stretches.map(\.from) == [.min] && stretches.map(\.to) == [30])
    }
}
