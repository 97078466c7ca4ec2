import Models
import Testing

@testable import HistoryStore

/// The bytes follow array_send, textsend, int8send and timestamptz_send of PostgreSQL, worked out by hand.
@Suite("Parameters in PostgreSQL's binary format")
struct PostgresValueTests {
    private typealias Bytes = [UInt8]
    private static let null: Bytes = [0xff, 0xff, 0xff, 0xff]

    /// The head of an array of one dimension whose lower bound is 1.
    private static func head(hasNull: Bool, element: UInt16, count: UInt8) -> Bytes {
        [0, 0, 0, 1, 0, 0, 0, hasNull ? 1 : 0, 0, 0, UInt8(element >> 8), UInt8(element & 0xff), 0, 0, 0, count, 0, 0, 0, 1]
    }

    @Test("texts, NULL and the empty text told apart")
    func texts() {
        let value = PostgresValue.texts(["ab", nil, "", "é"])
        let elements: Bytes = [0, 0, 0, 2, 0x61, 0x62] + Self.null + [0, 0, 0, 0] + [0, 0, 0, 2, 0xc3, 0xa9]
        #expect(value.bytes == Self.head(hasNull: true, element: 25, count: 4) + elements)
        #expect(value.type == .textArray)
    }

    @Test("an array without NULL says so")
    func noNull() {
        #expect(PostgresValue.texts(["a"]).bytes == Self.head(hasNull: false, element: 25, count: 1) + [0, 0, 0, 1, 0x61])
    }

    @Test("an empty array has one dimension of no elements")
    func empty() {
        #expect(PostgresValue.texts([String?]()).bytes == Self.head(hasNull: false, element: 25, count: 0))
    }

    @Test("bigints")
    func int8s() {
        let value = PostgresValue.int8s([1, nil, -2, .max, .min])
        let elements: Bytes =
            [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1] + Self.null + [0, 0, 0, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]
            + [0, 0, 0, 8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] + [0, 0, 0, 8, 0x80, 0, 0, 0, 0, 0, 0, 0]
        #expect(value.bytes == Self.head(hasNull: true, element: 20, count: 5) + elements)
        #expect(value.type == .int8Array)
    }

    @Test("integers, booleans and byte strings")
    func others() {
        let integers = PostgresValue.int4s([0x0102_0304, nil])
        #expect(integers.bytes == Self.head(hasNull: true, element: 23, count: 2) + [0, 0, 0, 4, 1, 2, 3, 4] + Self.null)
        #expect(integers.type == .int4Array)
        let booleans = PostgresValue.bools([true, false, nil])
        #expect(booleans.bytes == Self.head(hasNull: true, element: 16, count: 3) + [0, 0, 0, 1, 1, 0, 0, 0, 1, 0] + Self.null)
        #expect(booleans.type == .boolArray)
        let strings = PostgresValue.byteStrings([[0, 0xff], nil, []])
        #expect(strings.bytes == Self.head(hasNull: true, element: 17, count: 3) + [0, 0, 0, 2, 0, 0xff] + Self.null + [0, 0, 0, 0])
        #expect(strings.type == .bytesArray)
    }

    @Test("times are microseconds since 2000, the ends of the range infinity")
    func timestamps() {
        let value = PostgresValue.timestamps([946_684_800_000, 946_684_800_001, 946_684_799_999, .max, .min, nil])
        let elements: [Bytes] = [
            [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0x03, 0xe8],
            [0, 0, 0, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0x18], [0, 0, 0, 8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 8, 0x80, 0, 0, 0, 0, 0, 0, 0], Self.null,
        ]
        #expect(value.bytes == Self.head(hasNull: true, element: 1184, count: 6) + elements.flatMap { $0 })
        #expect(value.type == .timestampArray)
    }

    @Test("single values, NULL being no bytes at all")
    func single() {
        #expect(
            PostgresValue.text("é").bytes == [0xc3, 0xa9] && PostgresValue.text("").bytes == [] && PostgresValue.text(nil).bytes == nil)
        #expect(PostgresValue.int8(-1).bytes == Array(repeating: 0xff, count: 8) && PostgresValue.int8(nil).bytes == nil)
        #expect(PostgresValue.int4(258).bytes == [0, 0, 1, 2] && PostgresValue.int4(nil).bytes == nil)
        #expect(PostgresValue.bytes([0]).bytes == [0] && PostgresValue.bytes(nil).bytes == nil)
        #expect(PostgresValue.timestamp(946_684_800_001).bytes == [0, 0, 0, 0, 0, 0, 0x03, 0xe8])
        #expect(PostgresValue.timestamp(nil).bytes == nil)
        #expect(
            [PostgresValue.text(""), .bytes([]), .int8(0), .int4(0), .timestamp(0)].map(\.type.rawValue) == [25, 17, 20, 23, 1184])
    }

    @Test(
        "a time comes back as it went",
        arguments: [0, -1, 946_684_799_999, 1_763_700_000_123, -62_167_219_200_000, 253_402_300_799_999, .max, .min])
    func timesBack(time: Timestamp) {
        #expect(PostgresTime.decode(PostgresTime.encode(time)) == time)
    }
}
