import ArgumentParser
import Foundation
import HistoryFormats
import HistoryStore
import Models

/// `playhead export`
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a member's history to standard output.",
        discussion: """
            As NDJSON it has everything, for playhead import ndjson; as CSV it has the columns of Netflix's ViewingActivity.csv. What the \
            member has hidden is left out.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case csv, ndjson }

    @Argument(help: "The member's id.")
    var member: String

    @Option(help: "csv or ndjson.")
    var format = Format.ndjson

    func run() async throws {
        try EventLimits.validate(id: member, "the member's id")
        let id = OpaqueID(member)
        let export = try await HistoryExport(of: id, withStates: format == .ndjson, pool: OperatorContext().pool())
        if format == .csv { try FileHandle.standardOutput.write(contentsOf: Data(NetflixCSV.header)) }
        while let rows = try await export.next() {
            var bytes: [UInt8] = []
            for row in rows {
                switch format {
                case .csv: NetflixCSV.append(row, of: id, to: &bytes)
                case .ndjson: HistoryNDJSON.append(row, of: id, to: &bytes)
                }
            }
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        }
    }
}
