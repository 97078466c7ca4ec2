import Models

/// An event of a simulated session; its `seq` is its place among them.
struct SimulatedEvent: Sendable, Hashable {
    var kind: EventKind
    var positionMs: Int64
    var fromPositionMs: Int64?
    /// From the session's start.
    var atMs: Int64
    /// Whether it tells the title's length.
    var tellsRuntime: Bool
    /// Whether it tells the device.
    var tellsDevice: Bool
}
