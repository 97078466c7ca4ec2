import Batching
import BlockingClient
import Foundation
import Models
import TestSupport
import Wire

@testable import Spool

/// A spool's root in a folder of one test's own.
struct SpoolFixture {
    let folder: TemporaryFolder
    let partitions: Int

    init(partitions: Int = 4) throws {
        folder = try TemporaryFolder()
        self.partitions = partitions
    }

    var root: String { folder.url.path }

    func open(limitBytes: Int = 64 << 20, partitions: Int? = nil) async throws -> Spool {
        try await Spool(root: root, partitions: partitions ?? self.partitions, limitBytes: limitBytes, logger: .silent)
    }

    /// As a crash leaves it, for another process: the lock goes with the process, so a copy has none.
    func crashed() throws -> SpoolFixture {
        let copy = try SpoolFixture(partitions: partitions)
        for name in try FileManager.default.contentsOfDirectory(atPath: root) {
            try FileManager.default.copyItem(atPath: "\(root)/\(name)", toPath: "\(copy.root)/\(name)")
        }
        return copy
    }

    /// How many events another process would find if this one died now.
    func eventsAfterCrash() async throws -> Int {
        let copy = try crashed()
        defer { withExtendedLifetime(copy.folder) {} }
        return try await copy.open().usage.events
    }

    /// Waits until nobody holds any folder: a spool lets go of its own a moment after its last reference.
    func untilFree() async throws {
        for folder in try folders() {
            try await eventually("\(folder) is free") { (try? SpoolFolder(locking: "\(root)/\(folder)")) != nil }
        }
    }

    /// Every file but the locks, as `folder/file`.
    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.contains("/") && !$0.hasSuffix("/lock") }.sorted()
    }

    func folders() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root).sorted()
    }

    func batch(_ seq: Int64, member: OpaqueID = "m-1") -> [PartitionBatch] {
        PartitionBatch.batches(of: [.playing(member: member, seq: seq)], partitions: partitions)
    }
}

extension Spool {
    /// Appends with time enough.
    func append(_ batches: [PartitionBatch]) async throws {
        try await append(batches, deadline: .now + .seconds(30))
    }
}

/// Where a drain sends to in these tests.
final class Sink: Sendable {
    struct Refused: Error {}
    struct Broken: Error {}

    private let received = LockedValue<[PartitionBatch]>([])
    /// Decides about each call.
    let verdict: @Sendable ([PartitionBatch]) throws -> Void

    init(verdict: @escaping @Sendable ([PartitionBatch]) throws -> Void = { _ in }) {
        self.verdict = verdict
    }

    var batches: [PartitionBatch] { received.withLock { $0 } }

    /// The `seq` of each event, in the order of arrival.
    var seqs: [Int64] {
        get throws { try batches.flatMap { try WireEvents.decode($0.payload).map(\.seq) } }
    }

    func send(_ batches: [PartitionBatch]) async throws {
        try verdict(batches)
        received.withLock { $0 += batches }
    }

    func drain(_ spool: Spool) -> SpoolDrain {
        SpoolDrain(spool, isRefusal: { $0 is Refused }, send: send)
    }
}

extension SpoolDrain {
    /// Sends portions until there are none.
    func sendAll() async throws {
        while try await sendPortion() != .empty {}
    }
}
