import ArgumentParser
import Models
import Testing

@testable import Operator

@Suite("Spotify's StreamingHistory.json")
struct SpotifyExportTests {
    private static let play = #"{"endTime":"2019-11-03 17:47","artistName":"Bear","trackName":"Cave","msPlayed":1000}"#

    private static func rows(_ text: String, member: String = "m-42") throws -> [ImportedRow] {
        try SpotifyExport.rows(in: Array(text.utf8), member: member)
    }

    @Test("a play ends at its end and lasted as long as it was played")
    func row() throws {
        let rows = try Self.rows("[\(Self.play)]")
        // The id was worked out with Python: an import next year must find the same session.
        let start = PlaybackEvent(
            memberId: "m-42", sessionId: "spotify-fea391718cc57fabae88e4b5f6ed6d66", seq: 0, kind: .start, titleId: "Bear – Cave",
            positionMs: 0, occurredAt: 1_572_803_219_000)
        var stop = start
        (stop.seq, stop.kind, stop.positionMs, stop.occurredAt) = (1, .stop, 1000, 1_572_803_220_000)
        #expect(rows.map(\.events) == [[start, stop]])
        #expect(rows.map(\.line) == [1])
    }

    @Test("pretty-printed or compact, a file has the same plays")
    func formatting() throws {
        let compact = try Self.rows("[\(Self.play),\(Self.play.replacing("Cave", with: "Lake"))]")
        let pretty = try Self.rows(
            """
            [
              {
                "endTime" : "2019-11-03 17:47",
                "artistName" : "Bear",
                "trackName" : "Cave",
                "msPlayed" : 1000
              },
              {
                "msPlayed" : 1000,
                "trackName" : "Lake",
                "artistName" : "Bear",
                "endTime" : "2019-11-03 17:47",
                "later" : [{"field": "]"}]
              }
            ]

            """)
        #expect(pretty.map(\.events) == compact.map(\.events))
        #expect(pretty.map(\.line) == [2, 8])
    }

    @Test(
        "names with brackets, quotes and escapes",
        arguments: [(#"a]}[{,"#, "a]}[{,"), (#"\"x\" \\"#, #""x" \"#), (#"\u00e9\ud83d\ude00"#, "é😀")])
    func names(json: String, name: String) throws {
        let rows = try Self.rows("[\(Self.play.replacing("Cave", with: json)),\(Self.play)]")
        #expect(rows.map(\.events.first?.titleId) == [OpaqueID("Bear – \(name)"), "Bear – Cave"])
    }

    @Test(
        "a broken play spoils only itself, and its line and fault are told",
        arguments: [
            ("{}", "endTime is missing"), (#"{"endTime":"2019-11-03 17:47","artistName":"a","trackName":"b"}"#, "msPlayed is missing"),
            (play.replacing("1000", with: "\"1000\""), "msPlayed has the wrong type"),
            (play.replacing("\"Cave\"", with: "7"), "trackName has the wrong type"),
            (play.replacing("1000", with: "1.5"), "not a play in JSON"), (play.replacing("1000", with: "1e99"), "not a play in JSON"),
            ("nonsense", "not a play in JSON"),
            ("7", "not a play in JSON"), ("[]", "not a play in JSON"), ("null", "not a play in JSON"),
            (#"{"endTime" "x"}"#, "not a play in JSON"),
            (play.replacing("1000", with: "-1"), "msPlayed must be an integer from 0 to 2^53, not -1"),
            (play.replacing("1000", with: "9007199254740993"), "msPlayed must be an integer from 0 to 2^53, not 9007199254740993"),
            (play.replacing("17:47", with: "24:00"), "endTime '2019-11-03 24:00' is not of the form 2019-11-03 17:47"),
            (play.replacing("17:47", with: "17:47:00"), "endTime '2019-11-03 17:47:00' is not of the form 2019-11-03 17:47"),
            (play.replacing("2019", with: "1999"), "occurredAt is before 2000-01-01T00:00:00Z: is the device's clock set?"),
            (play.replacing("1000", with: "9007199254740992"), "occurredAt is before 2000-01-01T00:00:00Z: is the device's clock set?"),
            (play.replacing("Cave", with: #"a\nb"#), "titleId must not contain control characters (U+0000–1F, U+007F–9F)"),
            (play.replacing("Cave", with: String(repeating: "x", count: 250)), "titleId must have 1 to 256 bytes of UTF-8, not 259"),
        ])
    func broken(element: String, reason: String) throws {
        let rows = try Self.rows("[\n\(Self.play),\n\(element),\n\(Self.play)\n]")
        #expect(rows.map(\.events.count) == [2, 0, 2])
        #expect(rows.map(\.line) == [2, 3, 4])
        #expect(rows[1].badReason == reason)
    }

    @Test("another member, end, artist, track or length is another session")
    func identity() throws {
        let changed = [("17:47", "17:48"), ("Bear", "Bears"), ("Cave", "Caves"), ("1000", "1001")].map {
            Self.play.replacing($0.0, with: $0.1)
        }
        var ids = try Self.rows("[\(([Self.play] + changed).joined(separator: ","))]").map(\.sessionId)
        ids += try Self.rows("[\(Self.play)]", member: "m-43").map(\.sessionId)
        #expect(Set(ids).count == 6 && !ids.contains(nil))
        #expect(try Self.rows("[\(Self.play)]").map(\.sessionId) == [ids[0]])
    }

    @Test("a file that is no array is refused", arguments: ["", "{}", play, "null", "x"])
    func noArray(text: String) throws {
        let error = try #require(throws: CommandFailure.self) { try Self.rows(text) }
        #expect(error.description.contains("not a JSON array"))
    }

    @Test("a member that breaks the limits of ids makes every row bad")
    func badMember() throws {
        #expect(try Self.rows("[\(Self.play)]", member: "").map(\.badReason) == ["memberId must have 1 to 256 bytes of UTF-8, not 0"])
    }
}
