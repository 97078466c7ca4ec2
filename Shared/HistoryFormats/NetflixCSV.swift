import HistoryStore
import Models

/// A member's history as CSV with the columns of Netflix's `ViewingActivity.csv`, so that whatever reads that reads this. RFC 4180.
public enum NetflixCSV {
    public static let header = Array(
        "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country\r\n".utf8)

    /// One session as a line.
    public static func append(_ row: HistoryExport.Row, of member: OpaqueID, to bytes: inout [UInt8]) {
        let summary = row.session.summary
        let cells = [
            cell(member.text), startTime(summary.startedAt), duration(summary.watchedMs), "", cell(summary.titleId.text), "",
            cell(summary.deviceType ?? ""), duration(summary.positionMs), row.isBookmark ? duration(summary.positionMs) : "Not latest view",
            "",
        ]
        bytes += Array(cells.joined(separator: ",").utf8)
        bytes += [0x0d, 0x0a]
    }

    /// Text that a spreadsheet neither splits nor runs: what begins like a formula has an apostrophe before it, and so has what begins
    /// with apostrophes and goes on like one, so that one can be taken away again (``plain(_:)``).
    static func cell(_ text: String) -> String {
        let guarded = isFormula(text) ? "'" + text : text
        guard guarded.utf8.contains(where: { ",;\"".utf8.contains($0) }) else { return guarded }
        // By scalars: a quote that an accent follows is no Character of its own.
        var quoted = "\"".unicodeScalars
        for scalar in guarded.unicodeScalars { quoted += scalar == "\"" ? [scalar, scalar] : [scalar] }
        return String(quoted) + "\""
    }

    /// The text that ``cell(_:)`` was made of, without its quotes.
    public static func plain(_ cell: String) -> String {
        cell.utf8.first == UInt8(ascii: "'") && isFormula(cell) ? String(cell.dropFirst()) : cell
    }

    /// Source: OWASP, "CSV Injection"; control characters cannot stand in an id.
    private static func isFormula(_ text: String) -> Bool {
        let first = text.utf8.first { $0 != UInt8(ascii: "'") }
        return first.map { "=+-@".utf8.contains($0) } == true
    }

    /// `2021-10-01 19:10:03`, UTC.
    private static func startTime(_ time: Timestamp) -> String {
        String(RFC3339.format(time).prefix(19)).replacing("T", with: " ")
    }

    /// `HH:MM:SS`; what is less than a second is cut off.
    private static func duration(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
}
