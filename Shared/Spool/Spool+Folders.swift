import BlockingClient
import Foundation
import Logging

/// Whose folders there are, and which of them this process holds.
extension Spool {
    private static let folderPrefix = "edge-"

    /// Takes over what edges that are gone have left, lets go of what is drained, and counts what was set aside.
    /// - Throws: ``SpoolError``
    func adopt() async throws(SpoolError) {
        for adopted in disks.dropFirst() where contents[adopted.name] == 0 { await release(adopted) }
        var corrupt = 0
        for held in disks { corrupt += try await held.corruptFiles().count }
        let held = Set(disks.map(\.name))
        for name in try Self.folders(in: root) where !held.contains(name) {
            do throws(SpoolError) {
                let folder = try SpoolFolder(locking: "\(root)/\(name)")
                let left = try SpoolDisk(folder: folder, partitions: partitions, logger: logger)
                let found = try await left.recover()
                corrupt += try await left.corruptFiles().count
                guard found.events > 0 else {
                    try await left.removeFolder()
                    state.withLock { _ = $0.removed.insert(name) }
                    continue
                }
                logger.notice("took over what an edge has left", metadata: ["spool": "\(name)", "events": "\(found.events)"])
                state.withLock { $0.adopted[name] = (left, 0) }
                note(left, bytes: found.bytes, events: found.events)
            } catch {
                // Held by an edge that lives, most of the time.
                if error.kind != .locked {
                    logger.warning("cannot take over a spool", metadata: ["spool": "\(name)", "error": "\(error)"])
                }
            }
        }
        state.withLock { $0.usage.corruptSegments = corrupt }
    }

    /// Lets go of a folder, and removes it if nothing is left in it.
    func release(_ adopted: SpoolDisk) async {
        let events = state.withLock { state in
            defer { state.usage.adoptedEvents = state.adopted.values.reduce(0) { $0 + $1.events } }
            return state.adopted.removeValue(forKey: adopted.name)?.events
        }
        guard events == 0 else { return }
        do {
            try await adopted.removeFolder()
            state.withLock { _ = $0.removed.insert(adopted.name) }
        } catch {
            logger.warning("cannot remove a drained spool", metadata: ["spool": "\(adopted.name)", "error": "\(error)"])
        }
    }

    static func freeFolder(in root: String, logger: Logger) throws(SpoolError) -> SpoolFolder {
        for name in try folders(in: root) {
            do throws(SpoolError) {
                return try SpoolFolder(locking: "\(root)/\(name)")
            } catch {
                if error.kind != .locked { logger.warning("cannot use a spool", metadata: ["spool": "\(name)", "error": "\(error)"]) }
            }
        }
        return try SpoolFolder.create(folderPrefix + String(UInt64.random(in: 0...UInt64.max), radix: 36), in: root)
    }

    private static func folders(in root: String) throws(SpoolError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: root).filter { $0.hasPrefix(folderPrefix) }.sorted()
        } catch {
            throw SpoolError(.disk, "cannot list \(root): \(error.localizedDescription)")
        }
    }
}
