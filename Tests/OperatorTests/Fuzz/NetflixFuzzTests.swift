import ArgumentParser
import Models
import Oracle
import TestSupport
import Testing

@testable import Operator

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("Netflix' exports, damaged at random")
struct NetflixFuzzTests {
    private static let header = "Profile Name,Start Time,Duration,Title,Supplemental Video Type,Device Type,Bookmark\n"
    private static let witness = "Witness,2025-11-14 21:40:12,00:21:30,Quiet Rivers,,Phone,00:31:30\n"

    private static let rows = [
        "Robin,2025-11-14 21:40:12,00:21:30,\"Salt, Pepper\",,Phone,00:31:30\nRobin,2025-11-14 21:40:12,00:25:00,\"Salt, Pepper\",,Phone,00:35:00\n",
        "Kim,2025-11-09 17:02:10,00:09:15,\"The \"\"Other\"\" Door\",TRAILER,,00:09:15\r\n\r\nKim,2025-11-10 17:02:10,0:00:00,\"a\nb\",,TV,0:00:00",
        "\"Robin\",\"1999-12-31 23:59:59\",\"100000:59:59\",\"\",\"\",\"\",\"99:59:59\"\rKim,2025-11-10 17:02:10,1:00:00,\"a\"b,,TV,1:00:00\r",
        "\n", "", "\"",
    ]

    private static let values = [
        "", "\"\"", " ", "\"a,b\"", "\"a\nb\"", "\"a\"\"b\"", "\"a", "a\"b", "\u{0}", "\u{85}", "é", "e\u{301}", "2025-02-29 00:00:00",
        "2025-11-14 24:00:00", "2025-11-14 21:40:60", "2025-11-14T21:40:12", "1999-12-31 23:59:59", "9999-12-31 23:59:59",
        "10000-01-01 00:00:00",
        "0000-00-00 00:00:00", "0:00:00", "00:60:00", "100000:00:00", "100001:00:00", "9223372036854775807:00:00",
        "9223372036854775808:00:00",
        "-1:00:00", "+1:00:00", "1:00", "1:00:00:00", "::", "TRAILER", String(repeating: "x", count: 256),
        String(repeating: "x", count: 257),
    ]

    private static let bodies = mutator(rows)
    private static let files = mutator(rows.map { header + $0 } + ["\u{feff}" + header + witness, header.replacing("\n", with: "\r\n")])

    @Test("every row is sent, skipped or reported, whatever stands behind it")
    func files() async throws {
        let report = try await Fuzz.run("Netflix CSV") { random in
            let isBodyOnly = random.chance(70)
            let head = Array((Self.header + Self.witness).utf8)
            let file = isBodyOnly ? head + Self.bodies.input(using: &random) : Self.files.input(using: &random)
            let records = Array(CSVReader(file).prefix(file.count + 1))
            try Fuzz.require(records.count <= file.count, "the reader stands still", in: file)
            try Self.expectSameWhenQuoted(records, of: file)
            let rows: [ImportedRow]
            do {
                rows = try NetflixExport.rows(in: file, includeSupplemental: random.chance(50))
            } catch is CommandFailure {
                try Fuzz.require(!isBodyOnly, "the header is not found", in: file)
                return false
            }
            try Fuzz.require(rows.map(\.line) == records.dropFirst().map(\.line), "\(rows.count) rows of \(records.count - 1)", in: file)
            try ImportRules.check(rows, of: file)
            if isBodyOnly {
                let isWhole =
                    rows[0].line == 2 && rows[0].events.first?.memberId == "Witness" && rows[0].events.last?.positionMs == 1_890_000
                try Fuzz.require(isWhole, "the first row is spoilt: \(rows[0])", in: file)
            }
            return true
        }
        #expect(report.complaints == [])
    }

    /// Written by the rules, with every cell in quotes, the records are read again as they are, each on its line.
    private static func expectSameWhenQuoted(_ records: [CSVReader.Record], of file: [UInt8]) throws {
        var rewritten: [CSVReader.Record] = []
        var text = ""
        var line = 1
        for record in records {
            rewritten.append(CSVReader.Record(line: line, fields: record.fields))
            text += record.fields.map(quoted).joined(separator: ",") + "\r\n"
            line += 1 + record.fields.reduce(0) { $0 + $1.utf8.count { $0 == 0x0a } }
        }
        try Fuzz.require(Array(CSVReader(Array(text.utf8))) == rewritten, "written anew the records are others", in: file)
    }

    /// By scalars: a quote that an accent follows is no Character of its own.
    private static func quoted(_ field: String) -> String {
        var cell = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in field.unicodeScalars { cell += scalar == "\"" ? [scalar, scalar] : [scalar] }
        return String(cell) + "\""
    }

    private static func mutator(_ corpus: [String]) -> ByteMutator {
        ByteMutator(corpus: corpus, values: values, openers: ",\n", closers: ",\r\n", separators: ",\n")
    }
}
