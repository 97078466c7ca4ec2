import Foundation

/// Redis and PostgreSQL of a test's own, on free ports with a folder of their own.
///
/// `scripts/private-servers` runs them and stops them when its standard input ends, so nothing is left even of a test process
/// that crashed.
public final class PrivateServers: Sendable {
    public enum Kind: String, Sendable {
        case redis = "--redis-only"
        case postgres = "--postgres-only"
    }

    public let url: String
    private let process: ChildProcess

    /// Starts a server and returns when it takes connections.
    /// - Parameter folder: where its data stays when it ends, for another server to go on with on the same port; nil to keep none.
    public init(_ kind: Kind, keepingDataIn folder: TemporaryFolder? = nil) async throws {
        let script = URL(filePath: #filePath).appending(path: "../../../scripts/private-servers").standardized
        let place = folder?.url ?? TemporaryFolder.newURL()
        process = try ChildProcess(
            script, arguments: [kind.rawValue] + (folder == nil ? ["--throwaway"] : []) + [place.path],
            environment: ProcessInfo.processInfo.environment)
        var url: String?
        while let line = await process.readLine(), line != "ready" { if line.contains("://") { url = line } }
        guard let url else { throw NotInTime(description: "\(kind) did not start: \(process.errorOutput)") }
        self.url = url
    }

    /// Kills the server with SIGKILL, as a crash does.
    public func crash() async {
        process.signalDescendants(SIGKILL)
        await process.waitUntilExit()
    }

    /// Stops and continues the server without closing its connections: it hangs.
    public func hang() { process.signalDescendants(SIGSTOP) }
    public func continueAfterHang() { process.signalDescendants(SIGCONT) }

    /// Tells the servers to end, which no test waits for.
    deinit {
        process.closeInput()
        Thread.detachNewThread { [process] in process.waitOnThisThread() }
    }
}

/// A folder that goes with its last reference.
public final class TemporaryFolder: Sendable {
    public let url: URL

    public init() throws {
        url = Self.newURL()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    static func newURL() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "playhead-test-\(UUID().uuidString)")
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
