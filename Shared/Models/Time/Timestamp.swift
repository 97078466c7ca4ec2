/// A point in time, in milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public typealias Timestamp = Int64

/// RFC 3339 text for ``Timestamp`` values, without a calendar library: events are parsed by the hundred thousand a second.
public enum RFC3339 {
    /// The largest time that has a four-digit year: 9999-12-31T23:59:59.999Z.
    static let latest: Timestamp = 253_402_300_799_999
    /// 0000-01-01T00:00:00.000Z.
    static let earliest: Timestamp = -62_167_219_200_000

    /// Formats as `2026-11-20T20:15:03.123Z`. Times outside the years 0000–9999 are shown as the nearest time within.
    public static func format(_ time: Timestamp) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        append(time, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the same, as UTF-8.
    public static func append(_ time: Timestamp, to text: inout [UInt8]) {
        let time = min(max(time, earliest), latest)
        let (days, millisecondOfDay) = floorDivide(time, by: 86_400_000)
        let date = civilDate(daysSinceEpoch: days)
        append(date.year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(date.month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(date.day, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        append(millisecondOfDay / 3_600_000, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(millisecondOfDay / 60_000 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(millisecondOfDay / 1000 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: "."))
        append(millisecondOfDay % 1000, digits: 3, to: &text)
        text.append(UInt8(ascii: "Z"))
    }

    /// Parses the `date-time` of RFC 3339 section 5.6; digits past the millisecond are cut off.
    /// - Returns: nil for anything else, dates that do not exist included.
    public static func parse(_ text: String) -> Timestamp? {
        var text = text
        return text.withUTF8 { parse($0) }
    }

    /// Parses the same, from UTF-8 that lies elsewhere.
    public static func parse(_ utf8: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        var scanner = Scanner(bytes: utf8)
        return scanner.dateTime()
    }

    /// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    public static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(year, by: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of ``daysSinceEpoch(year:month:day:)``; same source, `civil_from_days`.
    static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(daysSinceEpoch + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func append(_ value: Int64, digits: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
