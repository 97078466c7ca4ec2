import BlockingClient
import Foundation
import Logging

/// Whose folders there are, and which of them this process holds.
extension Spool {
    /// A new folder that another edge takes at once, as it looks empty and free, is left to it.
    private static let attempts = 5

    /// Empty folders that this process holds and wants to remove.
    ///
    /// Whoever publishes what spools hold must have told of it first: once a folder is gone nobody else can, and those who wait for its
    /// edge to tell would wait for ever.
    public var leavingFolders: Set<String> { state.withLock { Set($0.leaving.keys) } }

    /// Some of the ``leavingFolders`` were told of: ``removeTold()`` may remove them.
    public func noteTold(_ names: Set<String>) {
        state.withLock { state in
            for name in names { state.leaving[name]?.isTold = true }
        }
    }

    /// Removes the folders that are leaving and were told of.
    public func removeTold() async {
        for disk in state.withLock({ $0.leaving.values.filter(\.isTold).map(\.disk) }) {
            do {
                try await disk.removeFolder()
            } catch {
                logger.warning("cannot remove an empty spool", metadata: ["spool": "\(disk.name)", "error": "\(error)"])
            }
            // What could not be removed is found again.
            state.withLock { _ = $0.leaving.removeValue(forKey: disk.name) }
        }
    }

    /// Takes over what edges that are gone have left, lets go of what is drained, and counts what was set aside.
    /// - Throws: ``SpoolError``
    func adopt() async throws(SpoolError) {
        await removeTold()
        state.withLock { state in
            for (name, drained) in state.adopted where drained.events == 0 {
                state.adopted[name] = nil
                state.leaving[name] = (drained.disk, false)
            }
        }
        let held = disks + state.withLock { $0.leaving.values.map(\.disk) }
        var corrupt = 0
        for disk in held { corrupt += try await disk.corruptFiles().count }
        let names = Set(held.map(\.name))
        for name in try await disk.siblings() where !names.contains(name) {
            do throws(SpoolError) {
                corrupt += try await take(name)
            } catch {
                // Held by an edge that lives, most of the time.
                if error.kind != .locked {
                    logger.warning("cannot take over a spool", metadata: ["spool": "\(name)", "error": "\(error)"])
                }
            }
        }
        state.withLock { $0.usage.corruptSegments = corrupt }
    }

    /// Takes over one folder.
    /// - Returns: how many files in it were set aside.
    /// - Throws: ``SpoolError`` of kind `locked` where an edge holds it.
    private func take(_ name: String) async throws(SpoolError) -> Int {
        let left = try await disk.sibling(name)
        let found = try await left.recover()
        if found.events > 0 {
            logger.notice("took over what an edge has left", metadata: ["spool": "\(name)", "events": "\(found.events)"])
            state.withLock { $0.adopted[name] = (left, 0) }
            note(left, bytes: found.bytes, events: found.events)
        } else {
            state.withLock { $0.leaving[name] = (left, false) }
        }
        return try await left.corruptFiles().count
    }

    /// One that nobody holds and that can be read, with what an earlier process left in it, or a new one.
    /// - Throws: ``SpoolError``
    static func freeFolder(
        in root: String, partitions: Int, logger: Logger
    ) async throws(SpoolError) -> (SpoolDisk, SpoolDisk.Found) {
        // A folder whose maker died may not be on disk yet.
        try FolderHandle(root).sync()
        for name in try SpoolFolder.names(in: root) {
            do throws(SpoolError) {
                let disk = try SpoolDisk(folder: SpoolFolder(locking: "\(root)/\(name)"), partitions: partitions, logger: logger)
                return (disk, try await disk.recover())
            } catch {
                if error.kind != .locked { logger.warning("cannot use a spool", metadata: ["spool": "\(name)", "error": "\(error)"]) }
            }
        }
        let disk = try SpoolDisk(folder: newFolder(in: root), partitions: partitions, logger: logger)
        return (disk, SpoolDisk.Found())
    }

    private static func newFolder(in root: String) throws(SpoolError) -> SpoolFolder {
        for _ in 1..<attempts {
            do throws(SpoolError) {
                return try SpoolFolder.create(SpoolFolder.newName(), in: root)
            } catch {
                guard error.kind == .locked else { throw error }
            }
        }
        return try SpoolFolder.create(SpoolFolder.newName(), in: root)
    }
}
