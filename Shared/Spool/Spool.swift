import Batching
import BlockingClient
import Foundation
import Logging

/// Events on local disk, for as long as Redis does not take them.
///
/// Each edge has a folder of its own below a root that survives the process: a volume. What an edge that is gone has left is
/// drained by the others.
public final class Spool: Sendable {
    struct State {
        var usage: SpoolUsage
        var isWriting = false
        /// Folders of edges that are gone, by name, with the events in them.
        var adopted: [String: (disk: SpoolDisk, events: Int)] = [:]
        /// Folders without events, by name, and whether it was told that they go.
        var leaving: [String: (disk: SpoolDisk, isTold: Bool)] = [:]
        var isClosed = false
    }

    let disk: SpoolDisk
    let partitions: Int
    private let queue: CommitQueue
    let state: LockedValue<State>
    let logger: Logger

    /// Takes a folder that nobody holds, or makes one.
    /// - Parameters:
    ///   - root: made where it is not there, for this user alone.
    ///   - limitBytes: of this edge's segments; what is being written when it is reached may exceed it.
    ///   - maximalWaitingBytes: payload that may wait for the disk; past it requests are refused. No segment is larger than
    ///     ``SpoolDisk/segmentBytes`` and this together.
    /// - Throws: ``SpoolError``
    public init(
        root: String, partitions: Int, limitBytes: Int, maximalWaitingBytes: Int = 8 << 20, logger: Logger
    ) async throws(SpoolError) {
        try FolderHandle.make(root)
        self.partitions = partitions
        self.logger = logger
        let found: SpoolDisk.Found
        (disk, found) = try await Self.freeFolder(in: root, partitions: partitions, logger: logger)
        queue = CommitQueue(maximalBytes: maximalWaitingBytes)
        var usage = SpoolUsage(limitBytes: limitBytes)
        usage.bytes = found.bytes
        usage.events = found.events
        state = LockedValue(State(usage: usage))
        if found.events > 0 {
            logger.notice("found events of an earlier process", metadata: ["spool": "\(disk.name)", "events": "\(found.events)"])
        }
    }

    /// The name of this edge's folder.
    public var name: String { disk.name }

    public var usage: SpoolUsage { state.withLock { $0.usage.shown } }

    /// The events of each folder that this process holds and keeps.
    public var contents: [String: Int] {
        state.withLock { state in
            let own = state.isClosed ? [:] : [disk.name: state.usage.shown.events]
            return state.adopted.mapValues { max($0.events, 0) }.merging(own) { $1 }
        }
    }

    /// Returns once the batches are on disk.
    /// - Throws: ``SpoolError`` or ``CommitFailure``. Some of the batches may then be in the spool all the same, which is harmless.
    public func append(_ batches: [PartitionBatch], deadline: ContinuousClock.Instant) async throws {
        guard usage.level < .nothing else { throw SpoolError(.full, "its bound of \(usage.limitBytes >> 20) MiB is reached") }
        do {
            try await queue.submit(batches, deadline: deadline, onWaiting: startWriting)
        } catch CommitFailure.overdue {
            // Taken back by the write that hangs, should it end well.
            state.withLock { $0.usage.failure = "a write takes too long" }
            throw CommitFailure.overdue
        }
    }

    /// Writes what was in the spool before to its end. Its old place is freed soon, so the bound does not matter.
    /// - Throws: ``SpoolError``
    func putBack(_ batches: [PartitionBatch]) async throws(SpoolError) {
        do {
            try await queue.submit(batches, deadline: .now + .seconds(10), onWaiting: startWriting)
        } catch {
            // A queue that is full, or a write that hangs, is the disk's trouble too, and not that of where the events go.
            throw error as? SpoolError ?? SpoolError(.disk, "cannot write back what was refused: \(error)")
        }
    }

    /// After a write has failed: finds out whether the disk can be written again, and notes it in ``usage``.
    public func tryDisk() async {
        do {
            note(disk, bytes: try await disk.proveRoom(), events: 0)
            state.withLock { $0.usage.failure = nil }
        } catch {
            state.withLock { $0.usage.failure = error.description }
        }
    }

    private func startWriting() {
        let starts = state.withLock { state in
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if starts { Task { await write() } }
    }

    private func write() async {
        while true {
            let entries = queue.takeAll()
            if entries.isEmpty {
                state.withLock { $0.isWriting = false }
                // Who came meanwhile found us at work.
                if !queue.isEmpty { startWriting() }
                return
            }
            do {
                let bytes = try await disk.append(entries.map(\.batch))
                note(disk, bytes: bytes, events: entries.reduce(0) { $0 + $1.batch.eventCount })
                state.withLock { $0.usage.failure = nil }
                for entry in entries { queue.settle(entry) }
            } catch {
                state.withLock { $0.usage.failure = error.description }
                for entry in entries { queue.settle(entry, failure: error) }
            }
        }
    }

    /// Notes what a folder has gained, or lost where the numbers are negative.
    ///
    /// The loss of a segment that is drained as soon as it is written may be noted before its gain: the sums are below zero then.
    func note(_ changed: SpoolDisk, bytes: Int, events: Int) {
        state.withLock { state in
            if changed === disk {
                state.usage.bytes += bytes
                state.usage.events += events
            } else if state.adopted[changed.name] != nil {
                state.adopted[changed.name]?.events += events
                state.usage.adoptedEvents = state.adopted.values.reduce(0) { $0 + $1.events }
            }
        }
    }

    /// Folders to drain: this edge's own, and those of others that it has taken over.
    var disks: [SpoolDisk] {
        [disk] + state.withLock { $0.adopted.sorted { $0.key < $1.key }.map(\.value.disk) }
    }

    /// Leaves. Nothing may be appended any more. Events that are there are for the next edge; without any, the folder is one of
    /// ``leavingFolders`` now.
    public func close() {
        state.withLock { state in
            for (name, adopted) in state.adopted where adopted.events == 0 { state.leaving[name] = (adopted.disk, false) }
            state.adopted = [:]
            guard state.usage.events == 0 else { return }
            state.isClosed = true
            state.leaving[disk.name] = (disk, false)
        }
    }
}
