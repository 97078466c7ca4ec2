import ArgumentParser
import Foundation
import Models

/// StreamingHistory*.json, as Spotify gives it to an account's owner: an array of plays with the minute in which each ended, UTC.
enum SpotifyExport {
    private struct Play: Decodable {
        var endTime: String
        var artistName: String
        var trackName: String
        var msPlayed: Int64
    }

    /// - Throws: a validation error for a file that is no array. Bad rows are among the result.
    static func rows(in file: [UInt8], member: String) throws -> [ImportedRow] {
        guard let elements = JSONElements(file) else { throw CommandFailure("not a StreamingHistory.json: the file is not a JSON array") }
        return elements.map { ImportedRow(line: $0.line, content: content(of: file[$0.bytes], member: member)) }
    }

    private static func content(of element: ArraySlice<UInt8>, member: String) -> ImportedRow.Content {
        let play: Play
        do {
            play = try JSONDecoder().decode(Play.self, from: Data(element))
        } catch DecodingError.keyNotFound(let key, _) {
            return .bad(reason: "\(key.stringValue) is missing")
        } catch DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty {
            return .bad(reason: "\(context.codingPath[0].stringValue) has the wrong type")
        } catch {
            return .bad(reason: "not a play in JSON")
        }
        guard let end = RFC3339.parse(play.endTime.replacing(" ", with: "T") + ":00Z") else {
            return .bad(reason: "endTime '\(play.endTime)' is not of the form 2019-11-03 17:47")
        }
        guard (0...EventLimits.largestInteger).contains(play.msPlayed) else {
            return .bad(reason: "msPlayed must be an integer from 0 to 2^53, not \(play.msPlayed)")
        }
        do {
            let row = [member, play.endTime, play.artistName, play.trackName, String(play.msPlayed)]
            return .events(
                try ImportedSession.events(
                    member: OpaqueID(member), session: ImportedSession.id(service: "spotify", identity: row),
                    title: OpaqueID("\(play.artistName) – \(play.trackName)"), from: (end - play.msPlayed, 0), to: (end, play.msPlayed),
                    deviceType: nil))
        } catch {
            return .bad(reason: error.detail)
        }
    }
}
