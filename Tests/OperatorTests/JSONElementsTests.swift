import Testing

@testable import Operator

@Suite("The elements of a JSON array")
struct JSONElementsTests {
    /// A scanner that stands still must fail a test, not hang it: no array has more elements than bytes.
    static func elements(_ file: [UInt8]) -> [JSONElements.Element]? {
        JSONElements(file).map { Array($0.prefix(file.count + 1)) }
    }

    private static func texts(_ text: String) -> [String]? {
        let file = Array(text.utf8)
        return elements(file)?.map { String(decoding: file[$0.bytes], as: UTF8.self) }
    }

    @Test(
        "are found without being decoded",
        arguments: [
            ("[]", []), ("[ ]", []), ("[\n]\n", []), ("[1]", ["1"]), ("[1,2,3]", ["1", "2", "3"]),
            (" \n[{\"a\":1},{\"b\":2}]", ["{\"a\":1}", "{\"b\":2}"]),
            ("[[1,2],[3]]", ["[1,2]", "[3]"]), ("[{\"a\":{\"b\":[1,{}]}},null]", ["{\"a\":{\"b\":[1,{}]}}", "null"]),
            ("\u{feff}[1]", ["1"]),
        ] as [(String, [String])])
    func plain(text: String, elements: [String]) {
        #expect(Self.texts(text) == elements)
    }

    @Test(
        "brackets, commas and quotes inside texts are text",
        arguments: [
            #"{"a":"]}"}"#, #"{"a":"[{"}"#, #"{"a":","}"#, #"{"a":"\"]"}"#, #"{"a":"\\"}"#, #"{"a":"\\\"}]"}"#, #""\\""#, #"{"\"":1}"#,
        ])
    func strings(element: String) {
        #expect(Self.texts("[\(element),{\"next\":1}]") == [element, "{\"next\":1}"])
    }

    @Test("begin on the lines where they begin")
    func lines() throws {
        let file = Array("\n[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": [\n1\n]\n  }, 3,\n\n4\n]".utf8)
        #expect(try #require(Self.elements(file)).map(\.line) == [3, 6, 10, 12])
    }

    @Test("a line break within a broken text is a line all the same", arguments: ["\"a\nb\"", "\"a\\\nb\""])
    func linesInTexts(element: String) throws {
        #expect(try #require(Self.elements(Array("[\(element),\n2]".utf8))).map(\.line) == [1, 3])
    }

    @Test("a file that begins no array has none", arguments: ["", " ", "{}", "\"[\"", "null", "x[1]", "\u{feff}", "// [\n[1]"])
    func noArray(text: String) {
        #expect(JSONElements(Array(text.utf8)) == nil)
    }

    @Test("what follows the array is left alone")
    func trailing() {
        #expect(Self.texts("[1] [2]") == ["1"])
        #expect(Self.texts("[1],2") == ["1"])
    }

    @Test(
        "an array that was cut off has what there is of it",
        arguments: [("[1,2", ["1", "2"]), ("[{\"a\":1},{\"b", ["{\"a\":1}", "{\"b"]), ("[", []), ("[1,", ["1"])])
    func cutOff(text: String, elements: [String]) {
        #expect(Self.texts(text) == elements)
    }

    @Test("a backslash as the last byte ends the file, too")
    func trailingBackslash() throws {
        let file = Array("[\"a\\".utf8)
        #expect(try #require(Self.elements(file)).map(\.bytes) == [1..<4])
    }

    @Test("a brace that closes nothing does not hold the scanner up", arguments: ["[}", "[{}}]", "[1,}", "[}}}}]", "[{}},{\"a\":1}]"])
    func strayBrace(text: String) throws {
        let file = Array(text.utf8)
        #expect(try #require(Self.elements(file)).count <= 2)
    }
}
