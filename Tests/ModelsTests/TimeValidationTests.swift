import Models
import TestSupport
import Testing

@Suite("What the times of an event must keep")
struct TimeValidationTests {
    private static let now: Timestamp = 1_763_700_000_000
    private static let day: Int64 = 86_400_000
    /// 2000-01-01T00:00:00Z.
    private static let year2000: Timestamp = 946_684_800_000
    /// 9999-12-31T23:59:59.999Z.
    private static let lastTime: Timestamp = 253_402_300_799_999

    private static func event(at occurredAt: Timestamp, skewMs: Int64 = 0, receivedAt: Timestamp = now) -> PlaybackEvent {
        .sample(occurredAt: occurredAt, receivedAt: receivedAt, skewMs: skewMs)
    }

    @Test("2000 is taken, whatever the skew", arguments: [0, 1000, -1000, 800_000_000_000])
    func from2000(skewMs: Int64) {
        #expect(EventValidationTests.fault(Self.event(at: Self.year2000, skewMs: skewMs)) == nil)
    }

    @Test("a time before 2000 is refused, and skew does not mend it", arguments: [year2000 - 1, 0, -1, .min], [0, 800_000_000_000])
    func before2000(occurredAt: Timestamp, skewMs: Int64) throws {
        let event = Self.event(at: occurredAt, skewMs: skewMs)
        let fault = try #require(EventValidationTests.fault(event))
        #expect(fault.field == "occurredAt")
        #expect(fault.detail.contains("before 2000-01-01T00:00:00Z"), "\(fault)")
        #expect(EventValidationTests.contentFault(event) == fault)
    }

    /// The device's clock is so far ahead that only the skew tells when the event was.
    private static let skews: [Int64] = [0, 90_000, -90_000, 200_000_000_000, -200_000_000_000]

    @Test("24 h ahead of the edge is taken, after skew", arguments: skews)
    func oneDayAhead(skewMs: Int64) {
        #expect(EventValidationTests.fault(Self.event(at: Self.now + Self.day - skewMs, skewMs: skewMs)) == nil)
    }

    @Test("1 ms more is refused on arrival, but taken when read from a stream", arguments: skews)
    func moreThanOneDayAhead(skewMs: Int64) throws {
        let event = Self.event(at: Self.now + Self.day - skewMs + 1, skewMs: skewMs)
        let fault = try #require(EventValidationTests.fault(event))
        #expect(fault.field == "occurredAt")
        #expect(fault.detail.contains("more than 24 h ahead"), "\(fault)")
        #expect(fault.detail.contains(RFC3339.format(event.occurredAt)) && fault.detail.contains(RFC3339.format(Self.now)), "\(fault)")
        #expect(EventValidationTests.contentFault(event) == nil)
    }

    @Test("a time after 9999 is refused even when read from a stream", arguments: [lastTime + 1, .max])
    func after9999(occurredAt: Timestamp) throws {
        #expect(EventValidationTests.contentFault(Self.event(at: Self.lastTime)) == nil)
        let fault = try #require(EventValidationTests.contentFault(Self.event(at: occurredAt)))
        #expect(fault.field == "occurredAt")
        #expect(fault.detail.contains("9999"), "\(fault)")
    }

    @Test("a skew that no sum could bear is refused", arguments: [lastTime + 1, -lastTime - 1, .max, .min])
    func skewOutOfRange(skewMs: Int64) throws {
        let fault = try #require(EventValidationTests.contentFault(Self.event(at: Self.now, skewMs: skewMs)))
        #expect(fault.field == "skewMs")
    }

    @Test("a skew is taken as far as the corrected time is between 1970 and 9999", arguments: [lastTime - now, -now])
    func largestSkew(skewMs: Int64) throws {
        #expect(EventValidationTests.contentFault(Self.event(at: Self.now, skewMs: skewMs)) == nil)
        let fault = try #require(EventValidationTests.contentFault(Self.event(at: Self.now, skewMs: skewMs + skewMs.signum())))
        #expect(fault.field == "occurredAt")
        #expect(fault.detail.contains("sentAt") && fault.detail.contains("1970 and 9999"))
    }

    @Test(
        "skew is the difference of the clocks where that exceeds 60 s, else 0",
        arguments: [
            (0, 0), (1, 0), (-1, 0), (60_000, 0), (-60_000, 0), (60_001, 60_001), (-60_001, -60_001), (90_000, 90_000),
            (-3_600_000, -3_600_000),
        ])
    func skew(difference: Int64, expected: Int64) {
        #expect(EventLimits.skew(sentAt: Self.now - difference, receivedAt: Self.now) == expected)
    }

    @Test("a request that does not tell when it was sent has no skew")
    func noSentAt() {
        #expect(EventLimits.skew(sentAt: nil, receivedAt: Self.now) == 0)
    }
}
