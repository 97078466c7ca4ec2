import ArgumentParser
import EventStream
import Models

/// `playhead route`
struct RouteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route", abstract: "Shows and changes which members' history is written synchronously, and which asynchronously.",
        subcommands: [Show.self, Set.self, Pin.self, Unpin.self, Forget.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows the routing table, the edges that follow it, and what was changed.")

        @Option(help: ArgumentHelp("Also which way this member goes.", valueName: "id"))
        var member: String?

        @Option(help: ArgumentHelp("How many changes are shown, 0 to \(RouteStore.keptChanges).", valueName: "count"))
        var log = 10

        func validate() throws {
            guard (0...RouteStore.keptChanges).contains(log) else {
                throw ValidationError("--log must be from 0 to \(RouteStore.keptChanges), not \(log)")
            }
        }

        func run() async throws {
            let redis = try OperatorContext().redis()
            let store = RouteStore(connection: redis)
            let table = try await store.current()
            let report = RouteReport(
                table: table ?? .initial, isSet: table != nil, edges: try await EdgeLedger(connection: redis).edges(),
                changes: log > 0 ? try await store.changes(limit: log) : [])
            for line in report.lines { print(line) }
            if let member {
                try EventLimits.validate(id: member, "the member's id")
                print("\(member) goes \((table ?? .initial).route(of: OpaqueID(member)).rawValue)")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Changes the shares of members.",
            discussion: """
                In percent, with at most two decimals. The first of all members, in an order that their ids give, go async; the next ones go \
                shadow: they are written synchronously, and copied. All others are written synchronously. A share that is raised only moves \
                members over. What is not given stays.
                """)

        @Option(
            help: ArgumentHelp("Percent of members that go through the streams: 0 to 100, with at most two decimals.", valueName: "percent")
        )
        var async: MemberShare?

        @Option(
            help: ArgumentHelp(
                "Percent of members that are written synchronously, and copied: 0 to 100, with at most two decimals.", valueName: "percent")
        )
        var shadow: MemberShare?

        @OptionGroup var author: ChangeAuthor

        func validate() throws {
            guard async != nil || shadow != nil else { throw ValidationError("give --async, --shadow, or both") }
            if let async, let shadow, async.slots + shadow.slots > MemberShare.slots { throw Self.tooMuch(async, shadow) }
        }

        func run() async throws {
            try await author.change(isWhole: async != nil && shadow != nil) { table in
                table.async = async ?? table.async
                table.shadow = shadow ?? table.shadow
                guard table.async.slots + table.shadow.slots <= MemberShare.slots else {
                    throw Self.tooMuch(table.async, table.shadow)
                }
            }
        }

        private static func tooMuch(_ async: MemberShare, _ shadow: MemberShare) -> ValidationError {
            ValidationError("--async \(async) and --shadow \(shadow) are more than 100 % together")
        }
    }

    struct Pin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pin", abstract: "Lets a single member go its own way, whatever the shares are.")

        @Argument(help: "The member's id.")
        var member: String

        @Argument(help: "sync, shadow or async.")
        var route: Route

        @OptionGroup var author: ChangeAuthor

        func run() async throws {
            try EventLimits.validate(id: member, "the member's id")
            try await author.change { table in
                table.pins[OpaqueID(member)] = route
                guard table.pins.count <= RoutingTable.maximalPins else {
                    throw CommandFailure("at most \(RoutingTable.maximalPins) members can be pinned: use shares for more")
                }
            }
        }
    }

    struct Unpin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "unpin", abstract: "Lets a member go the way of its share again.")

        @Argument(help: "The member's id.")
        var member: String

        @OptionGroup var author: ChangeAuthor

        func run() async throws {
            try EventLimits.validate(id: member, "the member's id")
            try await author.change { $0.pins[OpaqueID(member)] = nil }
        }
    }
}

extension RouteCommand {
    struct Forget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forget", abstract: "Says that an edge that tells nothing any more is gone for good.",
            discussion: "Until then the comparison with the shadow takes what differs for copies that this edge did not make.")

        @Argument(help: "Its name, as playhead route show has it.")
        var edge: String

        func run() async throws {
            let ledger = EdgeLedger(connection: try OperatorContext().redis())
            guard let known = try await ledger.edges().first(where: { $0.name == edge }) else {
                throw CommandFailure("no edge has this name: playhead route show lists them")
            }
            guard !known.isLive else { throw CommandFailure("this edge lives: it told \(known.ageMs) ms ago") }
            try await ledger.leave(edge)
            print("forgotten")
        }
    }
}

extension MemberShare: ExpressibleByArgument {
    public init?(argument: String) { self.init(percent: argument) }
}

extension Route: ExpressibleByArgument {}
