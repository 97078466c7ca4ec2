/// Which way a member's events go.
public enum Route: String, Sendable, Hashable, CaseIterable {
    /// The edge writes them into the database before it answers.
    case sync
    /// The same, and copies go the asynchronous way into a history of their own, to be compared.
    case shadow
    /// The edge makes them durable in the streams, and processors write them.
    case async

    /// Whether the edge writes the history itself.
    public var isSynchronous: Bool { self != .async }
}
