import Foundation
import Models

/// What a truth file says of one session, its events already weighed.
struct KnownSession: Sendable, Hashable {
    var memberId: OpaqueID
    var sessionId: OpaqueID
    /// nil where some requests were never answered: the session may be there or not, and in any state.
    var expected: SessionView?
    /// Of an uncertain session, the `seq` of its accepted events and of those that may be there.
    var certainty: Certainty?
    var acceptedEvents: Int

    struct Certainty: Sendable, Hashable {
        var accepted: Set<Int64>
        var unanswered: Set<Int64>
    }
}

/// Reads truth files and works out anew, by the slow reference, what members must be shown.
struct TruthReader: Sendable {
    /// Lines to a task: enough for a task to be worth it.
    private static let linesPerTask = 200

    let path: String

    /// - Throws: ``TruthFileError`` that names the file, the line and the reason.
    func sessions() async throws -> [KnownSession] {
        let file: Data
        do {
            file = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw TruthFileError(description: "cannot read \(path): \(error.localizedDescription)")
        }
        let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let header = try header(lines[0])
        // After the last newline there is nothing.
        let body = lines.dropFirst().dropLast(lines.last?.isEmpty == true ? 1 : 0)
        let sessions = try await parse(Array(body))
        try check(header.totals, against: sessions)
        return sessions
    }

    private func header(_ line: Data) throws(TruthFileError) -> TruthHeader {
        guard let header = try? JSONDecoder().decode(TruthHeader.self, from: line), header.format == TruthHeader.format else {
            throw fault(line: 1, "this is not a truth file of playhead simulate")
        }
        guard header.version == TruthHeader.version else {
            throw fault(line: 1, "the file has version \(header.version) of the format, this command reads \(TruthHeader.version)")
        }
        guard header.isComplete else { throw fault(line: 1, "the file is not complete: the simulation still runs, or it was killed") }
        return header
    }

    private func parse(_ lines: [Data]) async throws -> [KnownSession] {
        try await withThrowingTaskGroup(of: (Int, [KnownSession]).self) { group in
            for begin in stride(from: 0, to: lines.count, by: Self.linesPerTask) {
                let chunk = lines[begin..<min(begin + Self.linesPerTask, lines.count)]
                // The header is line 1.
                group.addTask { (begin, try chunk.enumerated().map { try session($1, line: begin + $0 + 2) }) }
            }
            var parts: [Int: [KnownSession]] = [:]
            for try await (begin, part) in group { parts[begin] = part }
            return parts.keys.sorted().flatMap { parts[$0] ?? [] }
        }
    }

    private func session(_ line: Data, line number: Int) throws(TruthFileError) -> KnownSession {
        let truth: TruthSession
        do {
            truth = try TruthSession(line: line)
        } catch {
            throw fault(line: number, error.reason)
        }
        guard truth.unanswered.isEmpty else {
            return KnownSession(
                memberId: truth.memberId, sessionId: truth.sessionId, expected: nil,
                certainty: .init(accepted: Set(truth.events.map(\.seq)), unanswered: Set(truth.unanswered)),
                acceptedEvents: truth.events.count)
        }
        guard !truth.events.isEmpty else { throw fault(line: number, "the session has no events") }
        let expected = SessionView(of: truth.events)
        guard let written = truth.expected else { throw fault(line: number, "expected is missing") }
        if let field = FieldDifference.all(expected: expected, actual: written).first {
            throw fault(
                line: number, "the file is damaged: it expects \(field.name) \(field.actual), but its events make \(field.expected)")
        }
        return KnownSession(
            memberId: truth.memberId, sessionId: truth.sessionId, expected: expected, acceptedEvents: truth.events.count)
    }

    private func check(_ totals: TruthTotals, against sessions: [KnownSession]) throws(TruthFileError) {
        guard sessions.count == totals.lines else {
            throw fault(line: 1, "the file is damaged: it has \(sessions.count) sessions, and should have \(totals.lines)")
        }
        let accepted = sessions.reduce(0) { $0 + $1.acceptedEvents }
        guard accepted == totals.accepted else {
            throw fault(line: 1, "the file is damaged: it has \(accepted) events, and should have \(totals.accepted)")
        }
    }

    private func fault(line: Int, _ reason: String) -> TruthFileError {
        TruthFileError(description: "\(path), line \(line): \(reason)")
    }
}
