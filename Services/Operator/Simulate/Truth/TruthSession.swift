import Models
import Oracle

/// A session as a truth file has it: the distinct events that the edge accepted, and what members must be shown of them.
///
/// ```json
/// {"memberId":"sim-1-x-m-7","sessionId":"…","titleId":"t-3-e2","runtimeMs":2700000,"deviceId":"d-7-0","deviceType":"tv",
///  "events":[[0,0,0,1763700000000,3],[1,1,30000,1763700030000,3],[2,4,0,1763700041000,3,41000]],"unanswered":[3],"expected":{…}}
/// ```
///
/// - An event is `[seq, kind, positionMs, occurredAt, tells]`, of a seek that has it with `fromPositionMs` after that. `kind` is the
///   index into ``kinds``; `tells` is 1 for an event that carries `runtimeMs`, plus 2 for one that carries `deviceId` and `deviceType`.
///   They are in the order of `seq`. The simulator sends no `sentAt`, so the skew of every event is 0.
/// - `unanswered`, left out where empty, has the `seq` of events whose request was never answered. What members must be shown of such a
///   session is not known, so `expected` is left out.
/// - `dropped`, left out where empty, has the `seq` of events that were never sent: they are missing, and members must not be shown them.
/// - `expected` is the summary by ``SlowReference``, with its `sequenceRuns`.
struct TruthSession: Sendable, Hashable {
    /// In the order of their numbers in the file.
    static let kinds: [EventKind] = [.start, .progress, .pause, .resume, .seek, .stop, .complete]

    var memberId: OpaqueID
    var sessionId: OpaqueID
    var titleId: OpaqueID
    var runtimeMs: Int64?
    var deviceId: String?
    var deviceType: String?
    var events: [PlaybackEvent]
    var unanswered: [Int64]
    /// The `seq` of events that the viewer made and the simulation never sends.
    var dropped: [Int64] = []
    /// nil where it is not known.
    var expected: SessionView?
}
