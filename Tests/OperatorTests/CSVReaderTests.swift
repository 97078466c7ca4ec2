import Testing

@testable import Operator

@Suite("Reading comma-separated values")
struct CSVReaderTests {
    private static func records(_ text: String) -> [CSVReader.Record] {
        Array(CSVReader(Array(text.utf8)))
    }

    private static func fields(_ text: String) -> [[String]] {
        records(text).map(\.fields)
    }

    @Test(
        "lines and cells",
        arguments: [
            ("", []), ("a", [["a"]]), ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]), ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
            ("a,\n,b", [["a", ""], ["", "b"]]),
            (",", [["", ""]]), (",,\n", [["", "", ""]]), (" a , b ", [[" a ", " b "]]), ("é,日本", [["é", "日本"]]),
        ] as [(String, [[String]])])
    func plain(text: String, fields: [[String]]) {
        #expect(Self.fields(text) == fields)
    }

    @Test(
        "quoted cells have commas, quotes and newlines in them",
        arguments: [
            ("\"a,b\",c", [["a,b", "c"]]), ("\"a\"\"b\"", [["a\"b"]]), ("\"\"\"\"", [["\""]]), ("\"\"\"a\"\"\",b", [["\"a\"", "b"]]),
            ("\"\",\"\"", [["", ""]]), ("\"a\nb\",c\nd", [["a\nb", "c"], ["d"]]), ("\"a\r\nb\"", [["a\r\nb"]]),
            ("a\"b,c", [["a\"b", "c"]]),
            ("\"a\"b,c", [["ab", "c"]]), ("\"a\" ,c", [["a ", "c"]]), ("\"\"", [[""]]), ("a,\"b", [["a", "b"]]), ("\"a,b\nc", [["a,b\nc"]]),
            ("\"", [[""]]),
        ] as [(String, [[String]])])
    func quoted(text: String, fields: [[String]]) {
        #expect(Self.fields(text) == fields)
    }

    @Test("lines end in LF, CR LF or CR", arguments: ["\n", "\r\n", "\r"])
    func newlines(newline: String) {
        let records = Self.records(["a,b", "\"c\",d", "", "e,f", ""].joined(separator: newline))
        #expect(records.map(\.fields) == [["a", "b"], ["c", "d"], ["e", "f"]])
        #expect(records.map(\.line) == [1, 2, 4])
    }

    @Test("blank lines are passed over, and counted")
    func blankLines() {
        #expect(Self.records("\n\na\n\n\r\nb\n\n").map(\.line) == [3, 6])
        #expect(Self.records("\n\r\n\n").isEmpty)
    }

    @Test("a byte order mark is not part of the first cell, quoted or not", arguments: ["a,b", "\"a\",b"])
    func byteOrderMark(text: String) {
        #expect(Self.fields("\u{feff}" + text) == [["a", "b"]])
        #expect(Self.fields("\u{feff}").isEmpty)
    }

    @Test("a record is on the line where it begins, also after cells of several lines")
    func lineNumbers() {
        let records = Self.records("h\n\"a\nb\n\",\"c\nd\"\n\"e\r\nf\"\ng\n")
        #expect(records.map(\.line) == [1, 2, 6, 8])
        #expect(records[1].fields == ["a\nb\n", "c\nd"])
    }

    @Test("a newline behind a cell of several lines is the record's end")
    func multilineLast() {
        #expect(Self.fields("a,\"b\n\"\nc,d") == [["a", "b\n"], ["c", "d"]])
    }

    @Test("bytes that are no UTF-8 spoil their cell only")
    func invalidText() {
        let records = Array(CSVReader([0x61, 0xff, 0x2c, 0x62, 0x0a, 0x63]))
        #expect(records.map(\.fields) == [["a\u{fffd}", "b"], ["c"]])
    }
}
