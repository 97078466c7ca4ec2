import Foundation
import Models
import Testing
import Tokens

@testable import Edge

@Suite struct EventIntakeTests {
    private static let received: Timestamp = 1_763_700_000_000

    @Test func theBadEventsAreRejectedByTheirIndexAndTheGoodOnesKept() throws {
        let request = try EventRequest(
            body: Data("[\(event(seq: 0)),\(event(seq: -1)),\(event(seq: 2)),7]".utf8), contentType: "application/json")
        let checked = EventIntake.check(request, grant: .everything, receivedAt: Self.received)
        let (events, rejected) = (checked.events, checked.rejected)
        #expect(events.map(\.seq) == [0, 2])
        #expect(events.allSatisfy { $0.receivedAt == Self.received && $0.skewMs == 0 })
        #expect(rejected.map(\.index) == [1, 3])
        #expect(rejected[0].field == "seq")
        #expect(rejected.allSatisfy { !$0.retryable && $0.type == "urn:playhead:problem:invalid-event" })
    }

    @Test(arguments: [(60_000, 0), (60_001, 60_001), (-60_001, -60_001)])
    func theSkewIsTheDifferenceOfTheClocks(lag: Int64, skew: Int64) throws {
        let body = #"{"sentAt":\#(Self.received - lag),"events":[\#(event(seq: 0))]}"#
        let request = try EventRequest(body: Data(body.utf8), contentType: "application/json")
        let events = EventIntake.check(request, grant: .everything, receivedAt: Self.received).events
        #expect(events.map(\.skewMs) == [skew])
        #expect(events.map(\.occurredAt) == [Self.received - 5000], "occurredAt is never altered")
    }

    @Test func aTimeFarAheadIsRefusedUnlessTheDevicesClockExplainsIt() throws {
        let twoDays: Int64 = 2 * 86_400_000
        let ahead = event(seq: 0, occurredAt: Self.received + twoDays)
        let bare = try EventRequest(body: Data(ahead.utf8), contentType: "application/json")
        #expect(EventIntake.check(bare, grant: .everything, receivedAt: Self.received).rejected.first?.field == "occurredAt")
        let body = #"{"sentAt":\#(Self.received + twoDays),"events":[\#(ahead)]}"#
        let explained = try EventRequest(body: Data(body.utf8), contentType: "application/json")
        #expect(EventIntake.check(explained, grant: .everything, receivedAt: Self.received).rejected.isEmpty)
    }

    @Test(arguments: [Int64.min, Int64.max])
    func anAbsurdSendingTimeIsHarmless(sentAt: Int64) throws {
        let body = #"{"sentAt":\#(sentAt),"events":[\#(event(seq: 0))]}"#
        let request = try EventRequest(body: Data(body.utf8), contentType: "application/json")
        let checked = EventIntake.check(request, grant: .everything, receivedAt: Self.received)
        #expect(checked.events.count + checked.rejected.count == 1)
    }

    private func event(seq: Int64, occurredAt: Int64 = received - 5000) -> String {
        #"{"memberId":"m","sessionId":"s","seq":\#(seq),"kind":"start","titleId":"t","positionMs":5,"occurredAt":\#(occurredAt)}"#
    }
}
