/// When each member was routed which way, as far as the changes are known. Pure.
public struct RouteHistory: Sendable {
    /// A change of the table.
    public struct Change: Sendable, Hashable {
        /// Milliseconds since 1970.
        public var at: Timestamp
        /// The table before.
        public var from: RoutingTable
        /// The table after.
        public var to: RoutingTable
        /// Who made it.
        public var by: String

        /// A change at `at`, in milliseconds since 1970.
        public init(at: Timestamp, from: RoutingTable, to: RoutingTable, by: String) {
            self.at = at
            self.from = from
            self.to = to
            self.by = by
        }
    }

    /// A stretch of time in which a member's events were copied.
    public struct Stretch: Sendable, Hashable {
        /// When it began, in milliseconds since 1970; `Int64.min` where that is not known.
        public var from: Timestamp
        /// When it ended; nil where it goes on.
        public var to: Timestamp?
        /// Before it, events went through the streams.
        public var wasAsync: Bool
    }

    /// The oldest first.
    private let changes: [Change]

    /// - Parameter changes: in any order.
    public init(_ changes: [Change]) {
        self.changes = changes.sorted { ($0.at, $0.to.version) < ($1.at, $1.to.version) }
    }

    /// The stretches of time in which a member's events were copied.
    /// - Returns: the oldest first; the last one has no end where it goes on.
    public func shadowing(of member: OpaqueID) -> [Stretch] {
        var stretches: [Stretch] = []
        // What was before the oldest change that is known began at no known time.
        var began: Stretch? = changes.first?.from.route(of: member) == .shadow ? Stretch(from: .min, to: nil, wasAsync: false) : nil
        for change in changes {
            let isShadow = change.to.route(of: member) == .shadow
            if isShadow, began == nil {
                began = Stretch(from: change.at, to: nil, wasAsync: change.from.route(of: member) == .async)
            } else if !isShadow, var stretch = began {
                stretch.to = change.at
                stretches.append(stretch)
                began = nil
            }
        }
        if let began { stretches.append(began) }
        return stretches
    }
}
