import ArgumentParser
import Foundation
import HistoryStore
import Models
import ServiceKit

/// `playhead import netflix|spotify|ndjson`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes in viewing that was exported, from another service or from Playhead.",
        discussion: "Importing a file again, or a newer one that contains it, changes nothing that is there.",
        subcommands: [ImportNetflixCommand.self, ImportSpotifyCommand.self, ImportNDJSONCommand.self])
}

struct ImportNetflixCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netflix", abstract: "Imports ViewingActivity.csv of a Netflix account's own export.",
        discussion: "Each profile becomes the member of that name.")

    @Argument(help: "The file, or - for standard input.")
    var file: String

    @Option(help: "The edge's address.")
    var edge = "http://127.0.0.1:8080"

    @Flag(help: "Import trailers and the like too.")
    var includeSupplemental = false

    func run() async throws {
        let rows = try NetflixExport.rows(in: ImportFile.read(file), includeSupplemental: includeSupplemental)
        try await ImportRun(edge: edge, token: OperatorContext().token).send(rows)
    }
}

struct ImportSpotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spotify", abstract: "Imports StreamingHistory*.json of a Spotify account's own export.")

    @Argument(help: "The file, or - for standard input.")
    var file: String

    @Option(help: "Whose plays they are.")
    var member: String

    @Option(help: "The edge's address.")
    var edge = "http://127.0.0.1:8080"

    func run() async throws {
        let rows = try SpotifyExport.rows(in: ImportFile.read(file), member: member)
        try await ImportRun(edge: edge, token: OperatorContext().token).send(rows)
    }
}

struct ImportNDJSONCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ndjson", abstract: "Imports what playhead export wrote, straight into the database.",
        discussion: "Sessions that are there already stay as they are. Importing a file again changes nothing.")

    /// Sessions of one transaction.
    private static let batch = 500

    @Argument(help: "The file, or - for standard input.")
    var file: String

    func run() async throws {
        let context = try OperatorContext()
        let importer = SessionImporter(connection: try context.postgres(), keptSince: context.configuration.historyKeptSince())
        var outcome = SessionImporter.Outcome()
        var bad = 0
        var batch: [SessionKey: SessionState] = [:]
        func flush() async throws {
            let result = try await importer.write(batch.map { ($0.key, $0.value) })
            outcome.written += result.written
            outcome.same += result.same
            outcome.erased += result.erased
            outcome.expired += result.expired
            for key in result.different {
                Self.note("session \(key.sessionId) of \(key.memberId) is there already, with other events; left as it is")
            }
            outcome.different += result.different
            batch = [:]
        }
        var lines = try ImportFile.lines(file)
        while let (number, line) = try lines.next() {
            do throws(NDJSONImport.Fault) {
                let session = try NDJSONImport.session(in: line)
                if batch[session.key] != nil { continue }
                batch[session.key] = session.state
            } catch {
                bad += 1
                Self.note("line \(number): \(error); skipped")
            }
            if batch.count == Self.batch { try await flush() }
        }
        try await flush()
        print(
            "\(outcome.written) sessions written, \(outcome.same) there already, \(outcome.different.count) different, "
                + "\(outcome.erased) of erased members, \(outcome.expired) older than is kept, \(bad) bad lines")
        if bad > 0 || outcome.erased > 0 || !outcome.different.isEmpty { throw ExitCode.failure }
    }

    private static func note(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}

enum ImportFile {
    /// The lines that are not blank, one at a time however large the file is.
    /// - Throws: a validation error that names the file.
    static func lines(_ path: String) throws -> FileLines {
        guard path != "-" else { return FileLines(.standardInput) }
        guard let file = FileHandle(forReadingAtPath: path) else { throw CommandFailure("cannot read \(path)") }
        return FileLines(file)
    }

    /// - Throws: a validation error that names the file.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw CommandFailure("cannot read \(path): \(error.localizedDescription)")
        }
    }
}
