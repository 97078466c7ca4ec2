import Batching
import BlockingClient
import Foundation
import Logging

/// The files of one folder, with a thread of their own for the disk's blocking calls.
actor SpoolDisk {
    /// A segment is closed at this size, so that a part of the spool can be removed.
    static let segmentBytes = 8 << 20

    private let executor: ThreadExecutor
    private let folder: SpoolFolder
    private let partitions: Int
    private let logger: Logger
    /// The one that is written to.
    private var active: (number: UInt64, file: SegmentFile)?
    private var nextNumber: UInt64
    /// What was found in each segment, or written to it.
    private var contents: [UInt64: Found] = [:]
    /// What stood in segments that could not be read any more.
    private var lost = Found()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    nonisolated let name: String

    /// What stands in a folder or in one segment.
    struct Found: Sendable {
        var bytes = 0
        var events = 0

        static func += (left: inout Found, right: Found) {
            left.bytes += right.bytes
            left.events += right.events
        }
    }

    /// - Throws: ``SpoolError``
    init(folder: SpoolFolder, partitions: Int, logger: Logger) throws(SpoolError) {
        self.folder = folder
        self.partitions = partitions
        self.logger = logger
        name = folder.name
        // Never that of a file that was set aside, or another one could take its name.
        let aside = try folder.corruptFiles().compactMap(SegmentName.number(ofCorrupt:))
        nextNumber = max(try folder.segments().last ?? 0, aside.max() ?? 0) + 1
        executor = ThreadExecutor(name: "spool")
    }

    deinit { executor.stop() }

    /// Looks through what an earlier process left. The end of a record that it had not finished is cut off; a segment without any record is
    /// removed, or set aside if something else stands in it.
    /// - Throws: ``SpoolError``
    func recover() throws(SpoolError) -> Found {
        var found = Found()
        let numbers = try folder.segments()
        for number in numbers {
            guard var scan = try scan(number) else { continue }
            if number == numbers.last, scan.partitions != nil, !scan.tail.isEmpty {
                try cutTail(of: number, scan)
                scan = SegmentScan(try read(number))
            }
            guard !scan.batches.isEmpty else {
                // A last segment without a whole head was never synced, so no record in it was acknowledged.
                let isUnborn = number == numbers.last && (scan.isBlank || scan.bytes < SegmentFormat.headBytes)
                try finish(number, isSound: scan.isSound || isUnborn)
                continue
            }
            contents[number] = Found(bytes: scan.bytes, events: scan.events)
            found += contents[number, default: Found()]
        }
        return found
    }

    /// In the last segment, what comes after the last sound record was being written when the process ended, and not acknowledged.
    private func cutTail(of number: UInt64, _ scan: SegmentScan) throws(SpoolError) {
        let path = folder.file(number)
        guard truncate(path, off_t(scan.soundEnd)) == 0 else { throw SpoolError.system("truncate", path) }
        logger.notice(
            "cut off what was not finished", metadata: ["spool": "\(name)", "segment": "\(number)", "bytes": "\(scan.tail.count)"])
    }

    /// Returns once the entries are on disk.
    /// - Returns: by how many bytes the files grew.
    /// - Throws: ``SpoolError``; none of the entries counts as written then.
    func append(_ batches: [PartitionBatch]) throws(SpoolError) -> Int {
        var bytes: [UInt8] = []
        for batch in batches { SegmentFormat.append(batch, to: &bytes) }
        var grown = bytes.count
        if let active, active.file.isSpoiled || active.file.syncedBytes >= Self.segmentBytes { self.active = nil }
        if active == nil { grown += try startSegment() }
        try active?.file.append(bytes)
        if let number = active?.number {
            contents[number, default: Found()] += Found(bytes: bytes.count, events: batches.reduce(0) { $0 + $1.eventCount })
        }
        return grown
    }

    /// Finds out whether an entry can be written now.
    /// - Returns: by how many bytes the files grew.
    /// - Throws: ``SpoolError``
    func proveRoom() throws(SpoolError) -> Int {
        let grown = if let active, !active.file.isSpoiled { 0 } else { try startSegment() }
        try active?.file.proveRoom(for: PartitionBatch.maximalBytes)
        return grown
    }

    /// Makes the segment that is written to from now on.
    /// - Returns: by how many bytes the files grew.
    /// - Throws: ``SpoolError``
    private func startSegment() throws(SpoolError) -> Int {
        let file = try SegmentFile(
            creating: folder.file(nextNumber), head: SegmentFormat.head(partitions: partitions), in: try FolderHandle(folder.path))
        active = (nextNumber, file)
        contents[nextNumber] = Found(bytes: SegmentFormat.headBytes)
        nextNumber += 1
        return SegmentFormat.headBytes
    }

    /// Every segment, the oldest first; none of them is written to any more.
    /// - Throws: ``SpoolError``
    func sealed() throws(SpoolError) -> [UInt64] {
        active = nil
        return try folder.segments()
    }

    /// - Returns: nil for a segment that cannot be read, and is set aside therefore.
    /// - Throws: ``SpoolError``
    func scan(_ number: UInt64) throws(SpoolError) -> SegmentScan? {
        do throws(SpoolError) {
            return SegmentScan(try read(number))
        } catch {
            guard error.kind == .unreadable else { throw error }
            lost += try finish(number, isSound: false)
            return nil
        }
    }

    /// What stood in segments that ``scan(_:)`` has set aside since the last call.
    func takeLost() -> Found {
        defer { lost = Found() }
        return lost
    }

    /// Removes a segment whose sound records are all in the streams; one that has others besides is set aside.
    /// - Returns: what was found in it, or written to it, before: less may have been read since.
    /// - Throws: ``SpoolError``
    @discardableResult
    func finish(_ number: UInt64, isSound: Bool) throws(SpoolError) -> Found {
        let path = folder.file(number)
        if isSound {
            guard unlink(path) == 0 else { throw SpoolError.system("unlink", path) }
        } else {
            guard rename(path, path + SegmentName.corruptSuffix) == 0 else { throw SpoolError.system("rename", path) }
            logger.error(
                "set a damaged segment aside; what of it can be read is applied",
                metadata: ["spool": "\(name)", "file": "\(path + SegmentName.corruptSuffix)"])
        }
        return contents.removeValue(forKey: number) ?? Found()
    }

    /// Files that were set aside.
    /// - Throws: ``SpoolError``
    func corruptFiles() throws(SpoolError) -> [String] {
        try folder.corruptFiles()
    }

    /// The names of all folders beside this one, itself included.
    /// - Throws: ``SpoolError``
    func siblings() throws(SpoolError) -> [String] {
        try SpoolFolder.names(in: folder.root)
    }

    /// Takes the folder of an edge that is gone.
    /// - Throws: ``SpoolError`` of kind `locked` where an edge holds it.
    func sibling(_ name: String) throws(SpoolError) -> SpoolDisk {
        try SpoolDisk(folder: SpoolFolder(locking: "\(folder.root)/\(name)"), partitions: partitions, logger: logger)
    }

    /// Removes a folder that no event is left in. Do not use it afterwards: it may be another's.
    /// - Throws: ``SpoolError``
    func removeFolder() throws(SpoolError) {
        active = nil
        guard try recover().events == 0 else { return }
        try folder.remove()
    }

    private func read(_ number: UInt64) throws(SpoolError) -> [UInt8] {
        let path = folder.file(number)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SpoolError.system("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SpoolError.system("stat", path) }
        let size = Int(status.st_size)
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let part = Foundation.read(descriptor, buffer.baseAddress! + count, size - count)
                if part < 0, errno == EINTR { continue }
                failed = part < 0
                if part <= 0 { break }
                count += part
            }
        }
        if failed { throw SpoolError.system("read", path, .unreadable) }
        return bytes
    }
}
