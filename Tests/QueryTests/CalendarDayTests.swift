import Testing

@testable import Query

@Suite struct CalendarDayTests {
    @Test(arguments: [("1970-01-01", 0), ("1970-01-02", 1), ("2026-11-20", 20_777), ("2000-02-29", 11_016), ("9999-12-31", 2_932_896)])
    func daysAreReadAndShown(text: String, day: Int64) {
        #expect(CalendarDay.parse(text) == day)
        #expect(CalendarDay.text(day) == text)
    }

    @Test(arguments: ["", "1969-12-31", "2026-11-31", "2026-1-01", "2026-11-20T00:00:00Z", "20261120", "2026-11-2x", "tomorrow"])
    func otherTextIsNoDay(text: String) {
        #expect(CalendarDay.parse(text) == nil)
    }
}
