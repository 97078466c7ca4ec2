import BlockingClient
import Foundation
import Models

/// The journals of edges that died: of which sessions a copy may be missing. On a thread of its own, as a disk may hang.
actor AbandonedJournals {
    /// One file that no process holds. It is held here until this ends.
    final class File: Sendable {
        let path: String
        /// The edge that wrote it.
        let edge: String
        let missing: Set<SessionKey>
        private let descriptor: Int32

        fileprivate init(path: String, edge: String, missing: Set<SessionKey>, descriptor: Int32) {
            self.path = path
            self.edge = edge
            self.missing = missing
            self.descriptor = descriptor
        }

        deinit { Foundation.close(descriptor) }
    }

    private let folder: String
    private let executor = ThreadExecutor(name: "old-journals")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter folder: that of the spools.
    init(folder: String) {
        self.folder = folder
    }

    deinit { executor.stop() }

    /// The first file that nobody holds.
    func next() -> File? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasPrefix(CopyJournal.prefix) {
            if let file = take(name) { return file }
        }
        return nil
    }

    /// Whether an edge has left any other.
    func has(of edge: String, besides file: File) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.contains { $0.hasPrefix("\(CopyJournal.prefix)\(edge)-") && "\(folder)/\($0)" != file.path }
    }

    /// Once all that is in it was told.
    func remove(_ file: File) { unlink(file.path) }

    private func take(_ name: String) -> File? {
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        // A lock of the same process over another descriptor counts as another's.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, let data = try? Data(contentsOf: URL(filePath: path)) else {
            close(descriptor)
            return nil
        }
        let edge = name.dropFirst(CopyJournal.prefix.count).split(separator: "-").dropLast().joined(separator: "-")
        return File(
            path: path, edge: edge, missing: CopyJournalFormat.missing(in: String(decoding: data, as: UTF8.self)), descriptor: descriptor)
    }
}
