@testable import Operator

/// Rows of a ViewingActivity.csv.
struct NetflixFile {
    static let header =
        "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country"

    var profile = "Robin"
    var start = "2025-11-14 21:40:12"
    var duration = "00:21:30"
    var title = "Quiet Rivers"
    var supplemental = ""
    var device = "Phone"
    var bookmark = "00:31:30"
    var latestBookmark = "00:31:30"
    var country = "DK (Denmark)"

    var line: String {
        [profile, start, duration, "", title, supplemental, device, bookmark, latestBookmark, country].joined(separator: ",")
    }

    /// The usual row with one thing changed.
    static func row(_ change: (inout NetflixFile) -> Void = { _ in }) -> NetflixFile {
        var row = NetflixFile()
        change(&row)
        return row
    }

    static func rows(_ rows: NetflixFile..., includeSupplemental: Bool = false) throws -> [ImportedRow] {
        let text = ([header] + rows.map(\.line)).joined(separator: "\n")
        return try NetflixExport.rows(in: Array(text.utf8), includeSupplemental: includeSupplemental)
    }
}
