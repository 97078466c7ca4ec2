import Batching
import BlockingClient
import Foundation
import Models
import TestSupport
import Testing

@testable import Spool

@Suite("The folders of several edges") struct SpoolFolderTests {
    @Test("each edge has one of its own, and no other edge touches it")
    func lock() async throws {
        let fixture = try SpoolFixture()
        let first = try await fixture.open()
        let second = try await fixture.open()
        #expect(first.name != second.name)
        try await second.append(fixture.batch(1))
        let sink = Sink()
        let drain = sink.drain(first)
        try await drain.adopt()
        try await drain.sendAll()
        #expect(sink.batches.isEmpty)
        #expect(first.contents == [first.name: 0] && second.usage.events == 1)
    }

    @Test("an attempt at a held folder closes no descriptor but its own")
    func descriptors() async throws {
        let fixture = try SpoolFixture()
        let held = try SpoolFolder.create("edge-held", in: fixture.root)
        let path = held.path
        let attempts = Task.detached {
            for _ in 0..<20_000 {
                let error = #expect(throws: SpoolError.self) { _ = try SpoolFolder(locking: path) }
                guard error?.kind == .locked else { return }
            }
        }
        let isDone = LockedValue(false)
        let others = Task.detached {
            // These get the numbers that the attempts have just freed.
            while !isDone.withLock({ $0 }) {
                let other = open("/dev/null", O_RDONLY)
                sched_yield()
                #expect(close(other) == 0, "somebody else has closed it")
            }
        }
        await attempts.value
        isDone.withLock { $0 = true }
        await others.value
        withExtendedLifetime(held) {}
    }

    @Test("an edge drains what others have left, after its own, and removes their folders")
    func adoption() async throws {
        let fixture = try SpoolFixture()
        do {
            let gone = try await fixture.open()
            for seq in 10..<15 { try await gone.append(fixture.batch(Int64(seq))) }
        }
        try await fixture.untilFree()
        // A start takes a free folder before it makes one: this one is free only afterwards.
        let left = try #require(try fixture.folders().first)
        let hidden = fixture.folder.url.appending(path: "hidden")
        try FileManager.default.moveItem(at: fixture.folder.url.appending(path: left), to: hidden)
        let heir = try await fixture.open()
        try FileManager.default.moveItem(at: hidden, to: fixture.folder.url.appending(path: left))

        try await heir.append(fixture.batch(1))
        let sink = Sink()
        let drain = sink.drain(heir)
        try await drain.adopt()
        #expect(heir.usage.adoptedEvents == 5 && heir.usage.events == 1)
        #expect(heir.contents == [heir.name: 1, left: 5])
        let bystander = try await fixture.open()
        #expect(bystander.name != left, "an adopted folder is held")
        try await drain.sendAll()
        #expect(try sink.seqs == [1] + Array(10..<15))
        #expect(heir.contents == [heir.name: 0, left: 0] && heir.usage.isEmpty)
        try await drain.adopt()
        #expect(heir.contents == [heir.name: 0] && heir.leavingFolders == [left])
        #expect(try fixture.folders().contains(left), "while nobody was told")
        heir.noteTold([left])
        try await drain.adopt()
        #expect(try !fixture.folders().contains(left) && heir.leavingFolders.isEmpty)
    }

    @Test("a folder that cannot be read is left alone, and another one is used")
    func unreadable() async throws {
        let fixture = try SpoolFixture()
        let broken = fixture.folder.url.appending(path: "edge-0")
        try FileManager.default.createDirectory(at: broken, withIntermediateDirectories: false)
        let segment = broken.appending(path: SegmentName.file(1)).path
        // A name that leads to itself opens for nobody.
        try FileManager.default.createSymbolicLink(atPath: segment, withDestinationPath: segment)
        let spool = try await fixture.open()
        #expect(spool.name != "edge-0")
        try await spool.append(fixture.batch(1))
        #expect(spool.usage.events == 1)
    }

    @Test("an empty folder of an edge that died before it told is another's to tell of")
    func untold() async throws {
        let fixture = try SpoolFixture()
        let heir = try await fixture.open()
        let name: String
        do {
            let gone = try await fixture.open()
            gone.close()
            name = gone.name
            #expect(gone.leavingFolders == [name])
        }
        try await eventually("its lock is free") {
            try await Sink().drain(heir).adopt()
            return heir.leavingFolders == [name]
        }
        heir.noteTold([name])
        await heir.removeTold()
        #expect(try fixture.folders() == [heir.name])
    }

    @Test("a start takes over the folder of the process before, and removes it at the end when it is empty")
    func restart() async throws {
        let fixture = try SpoolFixture()
        do {
            let spool = try await fixture.open()
            try await spool.append(fixture.batch(3))
            spool.close()
            #expect(spool.leavingFolders.isEmpty)
        }
        try await fixture.untilFree()
        #expect(try fixture.folders().count == 1)
        do {
            let spool = try await fixture.open()
            #expect(spool.usage.events == 1)
            try await Sink().drain(spool).sendAll()
            spool.close()
            spool.noteTold(spool.leavingFolders)
            await spool.removeTold()
        }
        #expect(try fixture.folders().isEmpty)
    }

    @Test("a folder whose lock was replaced while it was removed is left to its new owner")
    func removal() async throws {
        let fixture = try SpoolFixture()
        let folder = try SpoolFolder.create("edge-x", in: fixture.root)
        // Another process opened the lock just before it was removed, and made it anew.
        try FileManager.default.removeItem(atPath: folder.path + "/lock")
        let other = try SpoolFolder(locking: folder.path)
        try Data([1]).write(to: URL(filePath: other.file(1)))
        try folder.remove()
        #expect(FileManager.default.fileExists(atPath: other.file(1)))
        let error = #expect(throws: SpoolError.self) { _ = try SpoolFolder(locking: other.path) }
        #expect(error?.kind == .locked)
    }

    @Test("events of another number of partitions are sorted anew")
    func otherPartitions() async throws {
        let fixture = try SpoolFixture(partitions: 16)
        do {
            let spool = try await fixture.open()
            for seq in 0..<5 { try await spool.append(fixture.batch(Int64(seq), member: OpaqueID("m-\(seq)"))) }
        }
        try await fixture.untilFree()
        let spool = try await fixture.open(partitions: 3)
        let sink = Sink()
        try await sink.drain(spool).sendAll()
        let expected = PartitionBatch.batches(of: (0..<5).map { .playing(member: OpaqueID("m-\($0)"), seq: Int64($0)) }, partitions: 3)
        #expect(sink.batches == expected)
    }
}
