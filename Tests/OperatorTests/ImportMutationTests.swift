import ArgumentParser
import Models
import Testing

@testable import Operator

/// Whatever is in a file, an import ends, and no event comes out that the edge would refuse for its content.
/// 8 × 2,500 files of each kind; a seed that fails makes the same files again.
@Suite("Exports that were damaged at random", .timeLimit(.minutes(5)))
struct ImportMutationTests {
    private static let files = 2500

    private static let netflix = Array(
        """
        Profile Name,Start Time,Duration,Title,Supplemental Video Type,Device Type,Bookmark
        Robin,2025-11-14 21:40:12,00:21:30,"Salt, Pepper",,Phone,00:31:30
        Kim,2025-11-09 17:02:10,00:09:15,"The ""Other"" Door",TRAILER,,00:09:15

        """.utf8)

    private static let spotify = Array(
        """
        [
          {"endTime": "2019-11-03 17:47", "artistName": "Bear", "trackName": "[Ca\\"ve]", "msPlayed": 1000},
          {"endTime": "2019-11-03 17:48", "artistName": "B", "trackName": "L", "msPlayed": 0}
        ]
        """.utf8)

    @Test("CSV: ViewingActivity", arguments: 1...8 as ClosedRange<UInt64>)
    func netflix(seed: UInt64) throws {
        var mutations = Mutations(seed: seed)
        var sent = 0
        for number in 0..<Self.files {
            let file = mutations.mutate(Self.netflix)
            let records = Array(CSVReader(file).prefix(file.count + 1))
            try #require(records.count <= file.count, "the reader stands still: seed \(seed), file \(number)")
            do {
                let rows = try NetflixExport.rows(in: file, includeSupplemental: true)
                #expect(rows.map(\.line) == records.dropFirst().map(\.line))
                sent += try Self.check(rows, of: file, "seed \(seed), file \(number)")
            } catch is ValidationError {
                continue
            }
        }
        #expect(sent > Self.files / 4, "the damage must leave something to be read")
    }

    @Test("JSON: StreamingHistory", arguments: 1...8 as ClosedRange<UInt64>)
    func spotify(seed: UInt64) throws {
        var mutations = Mutations(seed: seed)
        var sent = 0
        for number in 0..<Self.files {
            let file = mutations.mutate(Self.spotify)
            guard let elements = JSONElementsTests.elements(file) else { continue }
            try #require(elements.count <= file.count, "the scanner stands still: seed \(seed), file \(number)")
            #expect(elements.allSatisfy { $0.bytes.upperBound <= file.count })
            #expect(zip(elements, elements.dropFirst()).allSatisfy { $0.bytes.upperBound <= $1.bytes.lowerBound })
            let rows = try SpotifyExport.rows(in: file, member: "m-42")
            #expect(rows.map(\.line) == elements.map(\.line))
            sent += try Self.check(rows, of: file, "seed \(seed), file \(number)")
        }
        #expect(sent > Self.files / 4, "the damage must leave something to be read")
    }

    /// - Returns: the number of events.
    private static func check(_ rows: [ImportedRow], of file: [UInt8], _ name: String) throws -> Int {
        let lines = file.count { $0 == 0x0a || $0 == 0x0d } + 1
        var keys: Set<SessionKey> = []
        var events = 0
        for row in rows {
            try #require((1...lines).contains(row.line), "\(name)")
            for event in row.events { try #require((try? event.validateContent()) != nil, "\(name): \(event)") }
            if let start = row.events.first, let stop = row.events.last {
                try #require(row.events.map(\.seq) == [0, 1] && start.key == stop.key && start.occurredAt <= stop.occurredAt, "\(name)")
                keys.insert(start.key)
                events += 2
            }
            if let line = row.repeatedLine { try #require(rows.contains { $0.line == line && !$0.events.isEmpty }, "\(name)") }
        }
        return events
    }
}
