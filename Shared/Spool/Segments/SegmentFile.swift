import Foundation

/// A file that is only appended to. What was appended counts once it is synced; what was not is cut off again.
///
/// Not Sendable: it belongs to the one that writes.
final class SegmentFile {
    let path: String
    private let descriptor: Int32
    /// Bytes that are on disk.
    private(set) var syncedBytes = 0

    /// Creates a file that is not there yet, with its first bytes, and syncs its folder.
    /// - Throws: ``SpoolError``; no file is left then.
    init(creating path: String, head: [UInt8], in folder: borrowing FolderHandle) throws(SpoolError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolError.system("create", path) }
        do throws(SpoolError) {
            try append(head)
            try folder.sync()
        } catch {
            unlink(path)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Returns once the bytes are on disk.
    /// - Throws: ``SpoolError``; the file then ends as before, or ``isSpoiled``.
    func append(_ bytes: [UInt8]) throws(SpoolError) {
        do throws(SpoolError) {
            try write(bytes)
            guard fdatasync(descriptor) == 0 else {
                // The kernel may have dropped the pages: nothing more can be known of this file. (PostgreSQL, "fsyncgate", 2018.)
                isSpoiled = true
                throw SpoolError.system("fdatasync", path)
            }
            syncedBytes += bytes.count
        } catch {
            if ftruncate(descriptor, off_t(syncedBytes)) != 0 { isSpoiled = true }
            throw error
        }
    }

    /// Finds out whether the disk has room for so many bytes; the file stays as it is.
    /// - Throws: ``SpoolError`` where it has not.
    func proveRoom(for bytes: Int) throws(SpoolError) {
        // It returns its error. What it has added is no record, were it left.
        let failure = posix_fallocate(descriptor, off_t(syncedBytes), off_t(bytes))
        if ftruncate(descriptor, off_t(syncedBytes)) != 0 { isSpoiled = true }
        // A file system that cannot reserve room (NFS, FUSE) says so; the C library's substitute fails on a file that is only appended to.
        if [EOPNOTSUPP, EBADF, EINVAL].contains(failure) { return try proveWriting(bytes) }
        guard failure == 0 else {
            errno = failure
            throw SpoolError.system("fallocate", path)
        }
    }

    /// The same by writing so many bytes, which are cut off again.
    private func proveWriting(_ bytes: Int) throws(SpoolError) {
        defer { if ftruncate(descriptor, off_t(syncedBytes)) != 0 { isSpoiled = true } }
        try write([UInt8](repeating: 0, count: bytes))
    }

    /// Nothing may be appended any more: the end of the file is not known to be sound.
    private(set) var isSpoiled = false

    private func write(_ bytes: [UInt8]) throws(SpoolError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
            if count < 0 {
                if errno == EINTR { continue }
                throw SpoolError.system("write", path)
            }
            written += count
        }
    }
}

/// An open folder, to sync the names in it.
struct FolderHandle: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Makes a folder that others cannot read, and those above it, where they are missing; their names are on disk then.
    /// - Throws: ``SpoolError``
    static func make(_ path: String) throws(SpoolError) {
        let parent = URL(filePath: path).deletingLastPathComponent().path
        guard mkdir(path, 0o700) != 0 else { return try FolderHandle(parent).sync() }
        switch errno {
        // Its maker may have died before it was synced. A parent that cannot be read was not made by one like us.
        case EEXIST: try? FolderHandle(parent).sync()
        case ENOENT where parent != path:
            try make(parent)
            try make(path)
        default: throw SpoolError.system("mkdir", path)
        }
    }

    /// - Throws: ``SpoolError``
    init(_ path: String) throws(SpoolError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SpoolError.system("open", path) }
    }

    deinit { close(descriptor) }

    /// - Throws: ``SpoolError``
    func sync() throws(SpoolError) {
        guard fsync(descriptor) == 0 else { throw SpoolError.system("fsync", path) }
    }
}
