/// The state of a session: a pure function of the **set** of its events.
///
/// Order of arrival, repetition and batching cannot change it as long as an identity has one content and at most
/// ``maximalRuns`` runs ever arise. What members see is derived from it: ``SessionSummary``.
public struct SessionState: Sendable, Hashable {
    /// Past this many runs the two with the smallest gap join, and the session is ``approximate`` for ever.
    public static let maximalRuns = 512

    /// A property of a session with the highest `seq` that had it.
    public struct Attribute<Value: Sendable & Hashable>: Sendable, Hashable {
        public var value: Value
        public var seq: Int64

        public init(value: Value, seq: Int64) {
            self.value = value
            self.seq = seq
        }
    }

    /// Disjoint, never adjacent, in the order of `seq`; never empty.
    public internal(set) var runs: [SequenceRun]
    /// Distinct events taken.
    public internal(set) var eventCount: Int64
    public internal(set) var earliestAt: Timestamp
    /// That of the lowest `seq`.
    public internal(set) var skewMs: Int64
    public internal(set) var highestCompleteSeq: Int64?
    public internal(set) var highestPlayingSeq: Int64?
    public internal(set) var titleId: Attribute<OpaqueID>
    public internal(set) var runtimeMs: Attribute<Int64>?
    public internal(set) var deviceId: Attribute<String>?
    public internal(set) var deviceType: Attribute<String>?
    public internal(set) var approximate: Bool

    /// A state as it was stored.
    public init(
        runs: [SequenceRun], eventCount: Int64, earliestAt: Timestamp, skewMs: Int64, highestCompleteSeq: Int64?, highestPlayingSeq: Int64?,
        titleId: Attribute<OpaqueID>, runtimeMs: Attribute<Int64>?, deviceId: Attribute<String>?, deviceType: Attribute<String>?,
        approximate: Bool
    ) {
        precondition(!runs.isEmpty, "a session has at least one event")
        self.runs = runs
        self.eventCount = eventCount
        self.earliestAt = earliestAt
        self.skewMs = skewMs
        self.highestCompleteSeq = highestCompleteSeq
        self.highestPlayingSeq = highestPlayingSeq
        self.titleId = titleId
        self.runtimeMs = runtimeMs
        self.deviceId = deviceId
        self.deviceType = deviceType
        self.approximate = approximate
    }

    /// The state after one event.
    public init(_ event: PlaybackEvent) {
        runs = [SequenceRun(event)]
        eventCount = 1
        earliestAt = event.occurredAt
        skewMs = event.skewMs
        titleId = Attribute(value: event.titleId, seq: event.seq)
        approximate = false
        noteKindAndAttributes(of: event)
    }

    /// Whether the event of `seq` 0 is among its events.
    public var hasFirstEvent: Bool { runs.first?.first.seq == 0 }

    /// Lowest and highest `seq` of each run.
    public var sequenceRuns: [ClosedRange<Int64>] { runs.map { $0.first.seq...$0.last.seq } }
}
