import ArgumentParser
import EventStream
import HistoryStore
import Models

/// `playhead erase`
struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Erases a member: every session, bookmark and dead letter, for good.",
        discussion: """
            Nothing of that member is taken any more, whatever its time, until playhead readmit. It can be repeated, and goes on where it \
            was interrupted. docs/operations.md says what streams, spools and backups still hold, and for how long.
            """)

    @Argument(help: "The member's id.")
    var member: String

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        try EventLimits.validate(id: member, "the member's id")
        if !yes {
            print("Erase everything of member \(member), for good? Type the id again:")
            guard readLine() == member else { throw CommandFailure("not erased: that is another id") }
        }
        let context = try OperatorContext()
        try await context.eraser().erase(OpaqueID(member))
        print("erased; nothing of this member is taken until: playhead readmit \(member)")
        // A Redis that is away is no reason to fail: the member is erased.
        if let table = try? await RouteStore(connection: context.redis()).current(), table.pins[OpaqueID(member)] != nil {
            print("the routing table still names it: playhead route unpin \(member)")
        }
    }
}

/// `playhead readmit`
struct ReadmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readmit", abstract: "Takes events of an erased member again, those that an edge receives from now on.")

    @Argument(help: "The member's id.")
    var member: String

    func run() async throws {
        try EventLimits.validate(id: member, "the member's id")
        guard try await OperatorContext().eraser().readmit(OpaqueID(member)) else {
            throw CommandFailure("nothing to take back: this member is not erased (or is being erased at this moment)")
        }
        print("readmitted")
    }
}
