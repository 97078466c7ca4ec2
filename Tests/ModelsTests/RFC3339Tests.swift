import Models
import Oracle
import Testing

@Suite("RFC 3339 times")
struct RFC3339Tests {
    /// Worked out with Python's datetime.
    private static let known: [(String, Timestamp)] = [
        ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2000-01-01T00:00:00.000Z", 946_684_800_000),
        ("2000-02-29T00:00:00.000Z", 951_782_400_000), ("2024-02-29T00:00:00.000Z", 1_709_164_800_000),
        ("2026-11-20T20:15:03.123Z", 1_795_205_703_123), ("2100-03-01T00:00:00.000Z", 4_107_542_400_000),
        ("0001-01-01T00:00:00.000Z", -62_135_596_800_000), ("0000-01-01T00:00:00.000Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ]

    @Test("known times are read and written", arguments: known)
    func knownTimes(text: String, time: Timestamp) {
        #expect(RFC3339.parse(text) == time)
        #expect(RFC3339.format(time) == text)
    }

    @Test(
        "one time in many forms",
        arguments: [
            "2026-11-20T20:15:03Z", "2026-11-20t20:15:03z", "2026-11-20T20:15:03.0Z", "2026-11-20T20:15:03+00:00",
            "2026-11-20T20:15:03-00:00",
            "2026-11-20T21:15:03+01:00", "2026-11-21T01:45:03+05:30", "2026-11-20T12:15:03.000-08:00", "2026-11-21T20:14:03+23:59",
            "2026-11-19T20:16:03-23:59",
        ])
    func forms(text: String) {
        #expect(RFC3339.parse(text) == 1_795_205_703_000)
    }

    @Test(
        "fractions are cut off at the millisecond",
        arguments: [
            (".1", 100), (".12", 120), (".123", 123), (".1239", 123), (".12399", 123), (".123999", 123), (".1239999", 123),
            (".12399999", 123), (".123999999", 123), (".000000001", 0), (".001", 1), (".01", 10), (".999999999", 999),
            (".12345678901234567890123456789", 123),
        ])
    func fractions(fraction: String, milliseconds: Int64) {
        #expect(RFC3339.parse("2026-11-20T20:15:03\(fraction)Z") == 1_795_205_703_000 + milliseconds)
        #expect(RFC3339.parse("1969-12-31T23:59:59\(fraction)Z") == -1000 + milliseconds)
    }

    @Test("every day of four hundred years", arguments: [1, 1600, 1900, 9600] as [Int64])
    func everyDay(since first: Int64) throws {
        var day = RFC3339.daysSinceEpoch(year: first, month: 1, day: 1)
        for year in first..<min(first + 400, 10_000) {
            for (month, length) in Self.monthLengths(of: year) {
                for dayOfMonth in 1...length {
                    let text = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))T12:34:56.789Z"
                    let time = day * 86_400_000 + 45_296_789
                    try #require(RFC3339.parse(text) == time && RFC3339.format(time) == text, "\(text)")
                    day += 1
                }
                let after = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(length + 1)T00:00:00Z"
                try #require(RFC3339.parse(after) == nil, "\(after)")
            }
        }
    }

    @Test("what is written is read again as the same time", arguments: 1...4 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            let time = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &random)
            try #require(RFC3339.parse(RFC3339.format(time)) == time)
        }
    }

    @Test("a leap second is the first second of the next minute")
    func leapSecond() {
        #expect(RFC3339.parse("2016-12-31T23:59:60Z") == 1_483_228_800_000)
        #expect(RFC3339.parse("2016-12-31T23:59:60.5Z") == 1_483_228_800_500)
        #expect(RFC3339.parse("1990-12-31T15:59:60-08:00") == RFC3339.parse("1991-01-01T00:00:00Z"))
    }

    @Test("times without a four-digit year are shown as the nearest that has one", arguments: [1, Int64.max / 2])
    func outOfRange(distance: Int64) {
        #expect(RFC3339.format(253_402_300_799_999 + distance) == "9999-12-31T23:59:59.999Z")
        #expect(RFC3339.format(-62_167_219_200_000 - distance) == "0000-01-01T00:00:00.000Z")
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", " ", "2026", "2026-11-20", "20:15:03Z", "2026-11-20T20:15:03", "2026-11-20T20:15Z", "2026-11-20 20:15:03Z",
            "20261120T201503Z",
            "2026-11-20T20:15:03.Z", "2026-11-20T20:15:03,5Z", "2026-11-20T20:15:03.5", "2026-11-20T20:15:03ZZ", " 2026-11-20T20:15:03Z",
            "2026-11-20T20:15:03Z ", "2026-11-20T20:15:03Z\n", "2026-11-20T20:15:03Z\0", "26-11-20T20:15:03Z", "12026-11-20T20:15:03Z",
            "+2026-11-20T20:15:03Z", "-2026-11-20T20:15:03Z", "2026-1-20T20:15:03Z", "2026-11-2T20:15:03Z", "2026-00-20T20:15:03Z",
            "2026-13-20T20:15:03Z", "2026-11-00T20:15:03Z", "2026-11-31T20:15:03Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T20:60:00Z", "2026-11-20T20:15:61Z", "2026-11-20T20:15:03+1:00",
            "2026-11-20T20:15:03+01", "2026-11-20T20:15:03+0100", "2026-11-20T20:15:03+24:00", "2026-11-20T20:15:03+01:60",
            "2026-11-20T20:15:03 Z", "2026-11-20T20:15:03UTC", "２026-11-20T20:15:03Z", "2026-11-20T20:15:٠3Z", "1795205703123",
            "2026-11-20T20:15:+3Z", "2026-11-20T20:15:03.-1Z", "2026-W47-5T20:15:03Z",
        ])
    func refused(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    private static func monthLengths(of year: Int64) -> [(month: Int64, days: Int64)] {
        var leap = year.isMultiple(of: 4)
        if year.isMultiple(of: 100) { leap = year.isMultiple(of: 400) }
        return zip(1..., [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]).map { ($0, $1) }
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        String(repeating: "0", count: width - "\(number)".count) + "\(number)"
    }
}
