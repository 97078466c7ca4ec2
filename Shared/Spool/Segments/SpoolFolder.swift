import Foundation

/// One edge's folder of a spool, held by a lock that ends with the process.
///
/// `@unchecked Sendable`: nothing changes after the lock was taken but by ``remove()``, which its one owner calls last.
final class SpoolFolder: @unchecked Sendable {
    private static let prefix = "edge-"

    let path: String
    var name: String { String(path.split(separator: "/").last ?? "") }
    var root: String { String(path.dropLast(name.utf8.count + 1)) }
    private let lock: Int32

    /// The folders of edges.
    /// - Throws: ``SpoolError``
    static func names(in root: String) throws(SpoolError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: root).filter { $0.hasPrefix(prefix) }.sorted()
        } catch {
            throw SpoolError(.disk, "cannot list \(root): \(error.localizedDescription)")
        }
    }

    /// A name that no folder has.
    static func newName() -> String {
        prefix + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    /// Creates a folder of this name that others cannot read, and locks it.
    /// - Throws: ``SpoolError`` of kind `locked` where another edge found it before it was locked, and has it or has removed it.
    static func create(_ name: String, in root: String) throws(SpoolError) -> SpoolFolder {
        let path = "\(root)/\(name)"
        guard mkdir(path, 0o700) == 0 else { throw SpoolError.system("mkdir", path) }
        try FolderHandle(root).sync()
        return try SpoolFolder(locking: path)
    }

    /// - Throws: ``SpoolError`` of kind `locked` where another process holds it, or has just removed it.
    init(locking path: String) throws(SpoolError) {
        self.path = path
        let file = "\(path)/\(SegmentName.lock)"
        lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        // From here on deinit closes it, also where this throws.
        guard lock >= 0 else { throw errno == ENOENT ? SpoolError(.locked, "\(path) was removed") : SpoolError.system("open", file) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK ? SpoolError(.locked, "\(path) is held by another process") : SpoolError.system("flock", file)
        }
        // Whoever drained it removes it under the lock: what we have locked may be gone.
        var held = stat()
        var named = stat()
        guard fstat(lock, &held) == 0, stat(file, &named) == 0, held.st_ino == named.st_ino else {
            throw SpoolError(.locked, "\(path) was removed")
        }
    }

    deinit { if lock >= 0 { close(lock) } }

    /// Every segment, the oldest first.
    /// - Throws: ``SpoolError``
    func segments() throws(SpoolError) -> [UInt64] {
        try files().compactMap(SegmentName.number(of:)).sorted()
    }

    func file(_ number: UInt64) -> String { "\(path)/\(SegmentName.file(number))" }

    /// Segments that were set aside for a person.
    /// - Throws: ``SpoolError``
    func corruptFiles() throws(SpoolError) -> [String] {
        try files().filter { $0.hasSuffix(SegmentName.corruptSuffix) }.sorted()
    }

    /// Removes a folder in which no segment is left. One with a segment that was set aside stays. The lock may be another's afterwards.
    /// - Throws: ``SpoolError``
    func remove() throws(SpoolError) {
        guard try files().allSatisfy({ $0 == SegmentName.lock }) else { return }
        unlink("\(path)/\(SegmentName.lock)")
        // Who opens the folder in this moment makes a lock of its own, and has the folder.
        guard rmdir(path) == 0 || errno == ENOTEMPTY else { throw SpoolError.system("rmdir", path) }
    }

    private func files() throws(SpoolError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw SpoolError(.disk, "cannot list \(path): \(error.localizedDescription)")
        }
    }
}
