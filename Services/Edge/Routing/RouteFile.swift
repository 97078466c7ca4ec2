import EventStream
import Foundation
import Models

/// The last routing table that was known, on this edge's disk: what it goes by while Redis is away. Edges may share it.
struct RouteFile: Sendable {
    private let path: String

    /// - Parameter folder: that of the spools.
    init(folder: String) {
        path = "\(folder)/route.json"
    }

    /// nil where there is none.
    /// - Throws: where there is one that cannot be read.
    func read() throws -> RoutingTable? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try RoutingTable(json: String(contentsOfFile: path, encoding: .utf8))
    }

    /// Replaces it at once, and for good: whoever reads it meanwhile reads the former one, also after a loss of power. Nobody else may read it, as
    /// pins name members.
    func write(_ table: RoutingTable) throws {
        let draft = "\(path).\(UInt64.random(in: 0...UInt64.max))"
        do {
            guard
                FileManager.default.createFile(
                    atPath: draft, contents: Data(table.json.utf8), attributes: [.posixPermissions: 0o600])
            else { throw failure }
            let file = try FileHandle(forWritingTo: URL(filePath: draft))
            try file.synchronize()
            try file.close()
            guard rename(draft, path) == 0 else { throw failure }
            let folder = try FileHandle(forReadingFrom: URL(filePath: path).deletingLastPathComponent())
            try folder.synchronize()
            try folder.close()
        } catch {
            unlink(draft)
            throw error
        }
    }

    private var failure: CocoaError {
        CocoaError(.fileWriteUnknown, userInfo: [NSLocalizedDescriptionKey: "\(path): \(String(cString: strerror(errno)))"])
    }
}
