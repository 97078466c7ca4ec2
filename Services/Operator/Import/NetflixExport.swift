import ArgumentParser
import HistoryFormats
import Models

/// ViewingActivity.csv, as Netflix gives it to an account's owner. Times are UTC, durations H:MM:SS.
///
/// What identifies a play: docs/decisions/0007-imported-session-ids.md.
enum NetflixExport {
    private static let columns = ["Profile Name", "Start Time", "Duration", "Title", "Supplemental Video Type", "Device Type", "Bookmark"]

    /// - Throws: a validation error for a file without the export's columns. Bad rows are among the result.
    static func rows(in file: [UInt8], includeSupplemental: Bool) throws -> [ImportedRow] {
        var reader = CSVReader(file)
        let header = reader.next()?.fields ?? []
        var positions: [String: Int] = [:]
        for column in columns {
            guard let position = header.firstIndex(of: column) else {
                throw CommandFailure("not a ViewingActivity.csv: there is no column '\(column)'")
            }
            positions[column] = position
        }
        var rows: [ImportedRow] = []
        while let record = reader.next() {
            rows.append(
                ImportedRow(
                    line: record.line,
                    content: content(of: record, positions, columnCount: header.count, includeSupplemental: includeSupplemental)))
        }
        return markRepeats(in: rows)
    }

    /// Netflix at times reports one play twice, with the same beginning and two ends: the longer report counts.
    private static func markRepeats(in rows: [ImportedRow]) -> [ImportedRow] {
        var fullest: [SessionKey: Int] = [:]
        for (index, row) in rows.enumerated() {
            guard case .events(let events) = row.content, let stop = events.last else { continue }
            if let other = fullest[stop.key], case .events(let others) = rows[other].content,
                let otherStop = others.last, otherStop.occurredAt >= stop.occurredAt
            {
                continue
            }
            fullest[stop.key] = index
        }
        return rows.enumerated().map { index, row in
            guard case .events(let events) = row.content, let key = events.first?.key, let kept = fullest[key], kept != index else {
                return row
            }
            return ImportedRow(line: row.line, content: .repeats(line: rows[kept].line))
        }
    }

    private static func content(
        of record: CSVReader.Record, _ positions: [String: Int], columnCount: Int, includeSupplemental: Bool
    ) -> ImportedRow.Content {
        guard record.fields.count == columnCount else {
            return .bad(reason: "the row has \(record.fields.count) cells, the header \(columnCount)")
        }
        // Playhead's own export guards what looks like a formula.
        func cell(_ column: String) -> String { positions[column].map { NetflixCSV.plain(record.fields[$0]) } ?? "" }

        if !cell("Supplemental Video Type").isEmpty && !includeSupplemental { return .skipped }
        guard let start = RFC3339.parse(cell("Start Time").replacing(" ", with: "T") + "Z") else {
            return .bad(reason: "Start Time '\(cell("Start Time"))' is not of the form 2021-10-01 19:10:03")
        }
        guard let duration = milliseconds(cell("Duration")) else {
            return .bad(reason: "Duration '\(cell("Duration"))' is not of the form H:MM:SS")
        }
        guard let bookmark = milliseconds(cell("Bookmark")) else {
            return .bad(reason: "Bookmark '\(cell("Bookmark"))' is not of the form H:MM:SS")
        }
        // Not from the whole row: a later export has another Latest Bookmark in it for the same play.
        let identity = ["Profile Name", "Start Time", "Title", "Device Type", "Supplemental Video Type"].map(cell)
        do {
            return .events(
                try ImportedSession.events(
                    member: OpaqueID(cell("Profile Name")), session: ImportedSession.id(service: "netflix", identity: identity),
                    title: OpaqueID(cell("Title")), from: (start, max(bookmark - duration, 0)), to: (start + duration, bookmark),
                    watchedMs: duration,
                    deviceType: cell("Device Type").isEmpty ? nil : cell("Device Type")))
        } catch {
            return .bad(reason: error.detail)
        }
    }

    /// Of H:MM:SS.
    private static func milliseconds(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2],
            (0...100_000).contains(hours), (0..<60).contains(minutes), (0..<60).contains(seconds)
        else { return nil }
        return ((hours * 60 + minutes) * 60 + seconds) * 1000
    }
}
