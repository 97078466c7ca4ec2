import ArgumentParser
import Foundation

/// `playhead import netflix|spotify`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Sends viewing that another service exported through the edge.",
        discussion: "Importing a file again, or a newer one that contains it, changes nothing that is there.",
        subcommands: [ImportNetflixCommand.self, ImportSpotifyCommand.self])
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
        try await ImportRun(edge: edge).send(rows)
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
        try await ImportRun(edge: edge).send(rows)
    }
}

enum ImportFile {
    /// - Throws: a validation error that names the file.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw ValidationError("cannot read \(path): \(error.localizedDescription)")
        }
    }
}
