import Foundation
import Models
import Oracle
import TestSupport
import Testing

@testable import Operator

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("Spotify's exports, damaged at random")
struct SpotifyFuzzTests {
    private static let witness = #"{"endTime":"2019-11-03 17:47","artistName":"Witness","trackName":"W","msPlayed":1000}"#

    private static let plays = ByteMutator.json(
        corpus: [
            #"{"endTime": "2019-11-03 17:47", "artistName": "Bear", "trackName": "[Ca\"ve]", "msPlayed": 1000}"#,
            "{\n  \"endTime\" : \"2019-11-03 17:48\",\n  \"artistName\" : \"B\",\n  \"trackName\" : \"L\",\n  \"msPlayed\" : 0\n}",
            #"{"msPlayed":1,"trackName":"\u00e9\ud83d\ude00","artistName":"\\","endTime":"2000-01-01 00:00","later":[{"field":"]"}]}"#,
            "{}", "7", "null", "[]", #""]""#, #"{"endTime" "x"}"#,
        ],
        values: [
            #""2019-11-03 24:00""#, #""2019-11-03 17:47:00""#, #""1999-12-31 23:59""#, #""9999-12-31 23:59""#, #""10000-01-01 00:00""#,
            #""2019-02-29 00:00""#, #""""#,
        ])

    @Test("every play is sent or reported by itself")
    func files() async throws {
        let report = try await Fuzz.run("Spotify JSON") { random in
            let file = Self.file(using: &random)
            let array = (try? JSONSerialization.jsonObject(with: Data(file))) as? [Any]
            guard let elements = JSONElementsTests.elements(file) else {
                try Fuzz.require(array == nil, "an array is refused", in: file)
                return false
            }
            try Fuzz.require(elements.count <= file.count, "the scanner stands still", in: file)
            let ranges = elements.map(\.bytes)
            try Fuzz.require(ranges.allSatisfy { $0.upperBound <= file.count }, "an element beyond the file", in: file)
            try Fuzz.require(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }, "elements overlap", in: file)
            let rows = try SpotifyExport.rows(in: file, member: "m-42")
            try Fuzz.require(rows.count == elements.count, "\(rows.count) rows of \(elements.count) elements", in: file)
            for (row, element) in zip(rows, elements) {
                let line = file[..<element.bytes.lowerBound].count { $0 == 0x0a } + 1
                try Fuzz.require(row.line == line, "line \(line) is told as \(row.line)", in: file)
            }
            try ImportRules.check(rows, of: file)
            guard let array else { return false }
            try Self.compare(rows, with: array, of: file)
            return true
        }
        #expect(report.complaints == [])
    }

    /// Of a file that is JSON, Foundation must have read as many elements, and the good plays at both ends are never spoilt.
    private static func compare(_ rows: [ImportedRow], with array: [Any], of file: [UInt8]) throws {
        try Fuzz.require(rows.count == array.count, "\(rows.count) rows of \(array.count) elements by Foundation", in: file)
        for (row, element) in zip(rows, array) {
            let play = element as? [String: Any]
            let isWitness = play?["artistName"] as? String == "Witness"
            try Fuzz.require(!isWitness || row.events.count == 2, "a good play is not sent: \(row)", in: file)
            try Fuzz.require(play?["endTime"] != nil || row.events.isEmpty, "no play is sent: \(row)", in: file)
        }
    }

    /// One or two plays between good ones; now and then the whole is hit.
    private static func file(using random: inout SeededGenerator) -> [UInt8] {
        let inner = (0..<Int.random(in: 1...2, using: &random)).map { _ in plays.input(using: &random) }
        let all = [Array(witness.utf8)] + inner + [Array(witness.utf8)]
        var file = Array("[\n".utf8) + all.joined(separator: Array(random.chance(50) ? ",\n".utf8 : ",".utf8)) + Array("\n]\n".utf8)
        if random.chance(5) { file.insert(contentsOf: [0xef, 0xbb, 0xbf], at: 0) }
        if random.chance(5) { file.removeSubrange(Int.random(in: 0..<file.count, using: &random)...) }
        if random.chance(5), !file.isEmpty {
            file[Int.random(in: 0..<min(3, file.count), using: &random)] ^= UInt8.random(in: 0...255, using: &random)
        }
        return file
    }
}
