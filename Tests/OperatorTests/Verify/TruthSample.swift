import Foundation
import Models

@testable import Operator

/// Sessions of a small simulation as truth files have them, and files of them.
enum TruthSample {
    /// All events accepted.
    static let sessions: [TruthSession] = {
        var records: [Int: SessionRecord] = [:]
        for (session, delivery) in SimulationPlan.sample({ $0.sessions = 60 }).deliveries {
            records[session.number, default: SessionRecord(session)].note(.accepted, ofEvent: delivery.event)
        }
        return records.keys.sorted().compactMap { records[$0]?.truth }
    }()

    static func line(_ session: TruthSession) throws -> Data {
        var bytes: [UInt8] = []
        try session.write(to: &bytes)
        return Data(bytes.dropLast())
    }

    /// Writes a file, and tells how reading it ends.
    /// - Parameter damage: is done to the lines, of which the first is the header.
    static func read(
        _ sessions: [TruthSession] = sessions, header change: (inout TruthHeader) -> Void = { _ in },
        damage: (inout [Data]) -> Void = { _ in }
    ) async throws -> [KnownSession] {
        let path = FileManager.default.temporaryDirectory.appending(path: "truth-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var header = TruthHeader(isComplete: true, plan: .sample())
        header.totals.lines = sessions.count
        header.totals.accepted = sessions.reduce(0) { $0 + $1.events.count }
        change(&header)
        var lines = [try header.line() ?? Data()] + (try sessions.map { try line($0) + Data("\n".utf8) })
        damage(&lines)
        try Data(lines.joined()).write(to: URL(filePath: path))
        return try await TruthReader(path: path).sessions()
    }
}
