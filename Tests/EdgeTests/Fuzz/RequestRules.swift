import Models
import ServiceKit
import TestSupport
import Tokens
import Wire

@testable import Edge

/// What must hold of every request that was read.
enum RequestRules {
    static let receivedAt: Timestamp = 1_763_700_000_000

    /// A good event to stand beside others, and how it is read.
    static let witness = PlaybackEvent(
        memberId: "witness", sessionId: "s", seq: 777, kind: .pause, titleId: "t", positionMs: 7, occurredAt: receivedAt)

    // Inlined into a test that catches what it throws, the initializer keeps the optimiser of Swift 6.3.1 busy for ever (StackNesting).
    @inline(never)
    static func read(_ body: [UInt8], as contentType: String = "application/json") -> Result<EventRequest, Problem> {
        Result { () throws(Problem) in try EventRequest(body: body, contentType: contentType) }
    }

    /// Every event is accepted or rejected, in order; the accepted ones keep the contract, and are read again as they are.
    static func check(_ request: EventRequest, _ body: [UInt8]) throws {
        let checked = EventIntake.check(request, grant: .everything, receivedAt: receivedAt)
        let rejected = checked.rejected.map(\.index)
        try Fuzz.require(checked.events.count + rejected.count == request.drafts.count, "an event is lost or made up", in: body)
        try Fuzz.require(zip(rejected, rejected.dropFirst()).allSatisfy { $0 < $1 }, "rejections out of order", in: body)
        let taken = Set(request.drafts.indices).subtracting(rejected).sorted()
        try Fuzz.require(taken.count == checked.events.count, "a rejection of an event that there is not", in: body)
        for (index, event) in zip(taken, checked.events) {
            var read = try request.drafts[index].event.get()
            (read.receivedAt, read.skewMs) = (event.receivedAt, event.skewMs)
            try Fuzz.require(read == event, "event \(index) is accepted as another one: \(event)", in: body)
            if let breach = event.breach { throw Fuzz.Fault("event \(index) is accepted with \(breach)", input: body) }
        }
        guard let first = checked.events.first else { return }
        try Fuzz.require((try? WireEvents.decode(WireEvents.encode(checked.events))) == checked.events, "no stream entry", in: body)
        let again = try read(Array(first.json.utf8)).get().drafts.map { try $0.event.get() }
        try Fuzz.require(again == [first.asSent], "written anew, an event is read as \(again)", in: body)
    }
}

extension PlaybackEvent {
    /// An event without a fault, as a device may write it.
    var json: String {
        var fields = [
            ("memberId", Self.quoted(memberId.text)), ("sessionId", Self.quoted(sessionId.text)), ("titleId", Self.quoted(titleId.text)),
            ("kind", Self.quoted(kind.rawValue)), ("seq", "\(seq)"), ("positionMs", "\(positionMs)"), ("occurredAt", "\(occurredAt)"),
        ]
        if let fromPositionMs { fields.append(("fromPositionMs", "\(fromPositionMs)")) }
        if let runtimeMs { fields.append(("runtimeMs", "\(runtimeMs)")) }
        if let deviceId { fields.append(("deviceId", Self.quoted(deviceId))) }
        if let deviceType { fields.append(("deviceType", Self.quoted(deviceType))) }
        return "{\(fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ","))}"
    }

    /// Without what the edge adds.
    var asSent: PlaybackEvent {
        with { ($0.receivedAt, $0.skewMs) = (0, 0) }
    }

    /// Control characters would have to be escaped, too, but a good event has none.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
