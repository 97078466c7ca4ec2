/// Which way each member's events go. Pure, and the same wherever it is worked out.
///
/// A member's place among all, from 0 to ``MemberShare/slots-type.property``, is given by its id alone. The first of them go `async`, the
/// next `shadow`, the others `sync`. So whoever raises a share only moves members on, from `sync` to `shadow` to `async`, and those go `async`
/// next that were compared before; lowering it again takes back the same members.
public struct RoutingTable: Sendable, Hashable {
    /// Of single members; shares are for more.
    public static let maximalPins = 200

    /// That of a fresh installation.
    public static let initial = RoutingTable(async: .all, shadow: .none)

    /// Rises with each change; 0 before the first.
    public var version: Int
    /// Of members whose events go through the streams.
    public var async: MemberShare
    /// Beside `async`; what the two have above 100 % is none.
    public var shadow: MemberShare
    /// Members that go their own way.
    public var pins: [OpaqueID: Route]

    /// - Parameter pins: at most ``maximalPins-type.property``, which whoever changes the table sees to.
    public init(version: Int = 0, async: MemberShare, shadow: MemberShare, pins: [OpaqueID: Route] = [:]) {
        self.version = version
        self.async = async
        self.shadow = shadow
        self.pins = pins
    }

    /// Whether nobody's events are written synchronously.
    public var isAllAsync: Bool { async == .all && pins.values.allSatisfy { $0 == .async } }

    /// Whether anybody's events are copied.
    public var hasShadow: Bool { shadow > .none && async < .all || pins.values.contains(.shadow) }

    /// Which way this member's events go: by its pin, or else by its place.
    public func route(of member: OpaqueID) -> Route {
        if !pins.isEmpty, let pinned = pins[member] { return pinned }
        if async == .all { return .async }
        let place = Int(StableHash.fnv1a(purpose: "route", member.text) % UInt64(MemberShare.slots))
        if place < async.slots { return .async }
        return place < async.slots + shadow.slots ? .shadow : .sync
    }
}
