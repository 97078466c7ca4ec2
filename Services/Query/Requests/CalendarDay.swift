import Models

/// Days as text: RFC 3339, full-date, by UTC.
enum CalendarDay {
    /// - Returns: days since 1970-01-01; nil for what is no day, or one before.
    static func parse(_ text: String) -> Int64? {
        guard text.utf8.count == 10, let time = RFC3339.parse(text + "T00:00:00Z"), time >= 0 else { return nil }
        return TitleDay.day(of: time)
    }

    static func text(_ day: Int64) -> String {
        String(RFC3339.format(day * TitleDay.milliseconds).prefix(10))
    }
}
