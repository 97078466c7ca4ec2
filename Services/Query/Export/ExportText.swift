import HistoryFormats
import HistoryStore
import Models
import NIOCore

/// A member's history as text, a piece at a time.
actor ExportText {
    enum Format: String {
        case csv, ndjson

        var contentType: String {
            switch self {
            case .csv: "text/csv; charset=utf-8; header=present"
            case .ndjson: "application/x-ndjson"
            }
        }
    }

    private let export: HistoryExport
    private let member: OpaqueID
    private let format: Format
    /// Held until the text is gone.
    private let turn: ExportTurns.Turn
    private var hasHeader = false

    /// - Throws: ``PostgresError``
    init(of member: OpaqueID, as format: Format, turn: ExportTurns.Turn, pool: PostgresPool) async throws(PostgresError) {
        export = try await HistoryExport(of: member, withStates: format == .ndjson, pool: pool)
        self.member = member
        self.format = format
        self.turn = turn
    }

    /// - Returns: nil at the end.
    /// - Throws: ``PostgresError``
    func next() async throws(PostgresError) -> ByteBuffer? {
        let rows = try await export.next()
        var bytes: [UInt8] = []
        if !hasHeader, format == .csv { bytes = NetflixCSV.header }
        hasHeader = true
        for row in rows ?? [] {
            switch format {
            case .csv: NetflixCSV.append(row, of: member, to: &bytes)
            case .ndjson: HistoryNDJSON.append(row, of: member, to: &bytes)
            }
        }
        return bytes.isEmpty ? nil : ByteBuffer(bytes: bytes)
    }
}
