import Foundation
import TestSupport

/// A service as a process of its own, on free ports.
final class RunningService: Sendable {
    enum Name: String, Sendable {
        case edge = "playhead-edge"
        case processor = "playhead-processor"
        case compactor = "playhead-compactor"
        case query = "playhead-query"
        case playhead
    }

    let process: ChildProcess
    let name: Name

    init(_ name: Name, arguments: [String] = [], environment: [String: String]) throws {
        self.name = name
        var all = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PLAYHEAD_") }
        all.merge(["PLAYHEAD_LOG_FORMAT": "json", "PLAYHEAD_HTTP_PORT": "0", "PLAYHEAD_ADMIN_PORT": "0"]) { $1 }
        all.merge(environment) { $1 }
        // Executables are built beside the tests.
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        process = try ChildProcess(folder.appending(path: name.rawValue), arguments: arguments, environment: all)
    }

    /// Where its API listens.
    func api() async throws -> String { try await address(of: "api") }

    /// Where it answers /readyz.
    func admin() async throws -> String { try await address(of: "admin") }

    private func address(of purpose: String) async throws -> String {
        var port: String?
        try await eventually("\(name) listens for \(purpose): \(process.errorOutput)") {
            port = logLines().first { $0["message"] == "listening" && $0["for"] == purpose }?["port"]
            return port != nil || !process.isRunning
        }
        guard let port else { throw NotInTime(description: "\(name) ended: \(process.errorOutput)") }
        return "http://127.0.0.1:\(port)"
    }

    /// The log, a dictionary a line.
    func logLines() -> [[String: String]] {
        process.errorOutput.split(separator: "\n").compactMap { try? JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
    }

    func untilReady() async throws {
        let address = try await admin()
        try await eventually("\(name) is ready") { (try? await HTTP.get(address + "/readyz"))?.status == 200 }
    }

    /// What a process left.
    struct Ending: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Waits for its end.
    func ending() async -> Ending {
        let output = await process.readAll()
        return Ending(status: await process.waitUntilExit(), output: output, errors: process.errorOutput)
    }
}
