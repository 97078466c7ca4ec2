import EventStream
import Testing

@Suite("The id of a stream entry")
struct StreamEntryIDTests {
    private static func id(_ milliseconds: UInt64, _ sequence: UInt64) -> StreamEntryID {
        StreamEntryID(milliseconds: milliseconds, sequence: sequence)
    }

    @Test(
        "is read and written as Redis has it",
        arguments: [
            ("0-0", id(0, 0)), ("1763700000000-17", id(1_763_700_000_000, 17)),
            ("18446744073709551615-18446744073709551615", id(.max, .max)),
        ])
    func text(text: String, id: StreamEntryID) throws {
        #expect(try StreamEntryID(text) == id)
        #expect(id.description == text)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "-", "1", "1-", "-1", "1-2-3", "1--2", "a-1", "1-a", "1.5-2", " 1-2", "1-2 ", "18446744073709551616-0",
            "0-18446744073709551616",
        ])
    func refused(text: String) throws {
        let error = try #require(throws: RedisError.self) { try StreamEntryID(text) }
        #expect(error.kind == .unexpectedReply)
        #expect(error.message.contains(text))
    }

    @Test("is ordered by time, then by number, not as text")
    func order() {
        let sorted = [Self.id(0, 0), Self.id(0, 1), Self.id(2, 9), Self.id(2, 10), Self.id(2, .max), Self.id(10, 0), Self.id(.max, 0)]
        #expect(sorted.reversed().sorted() == sorted)
        for id in sorted { #expect(!(id < id)) }
    }

    @Test("the next one follows without a gap", arguments: [(id(0, 0), id(0, 1)), (id(7, 41), id(7, 42)), (id(7, .max - 1), id(7, .max))])
    func next(id: StreamEntryID, next: StreamEntryID) {
        #expect(id.next == next)
        #expect(id < id.next)
    }

    @Test("after the last number of a millisecond comes the next millisecond", arguments: [0, 7, .max - 1] as [UInt64])
    func nextMillisecond(milliseconds: UInt64) {
        #expect(Self.id(milliseconds, .max).next == Self.id(milliseconds + 1, 0))
    }
}
