import Batching
import Foundation
import Models
import TestSupport
import Testing

@testable import Spool

@Suite("A spool") struct SpoolTests {
    @Test("keeps everything that was answered when its process dies, in order")
    func crash() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        for seq in 0..<20 { try await spool.append(fixture.batch(Int64(seq))) }
        let copy = try fixture.crashed()
        let reopened = try await copy.open()
        #expect(reopened.name == spool.name)
        #expect(reopened.usage.events == 20 && reopened.usage.bytes == spool.usage.bytes)
        let sink = Sink()
        try await sink.drain(reopened).sendAll()
        #expect(try sink.seqs == Array(0..<20))
        #expect(reopened.usage.isEmpty && reopened.usage.bytes == 0)
        #expect(try copy.files().isEmpty)
    }

    @Test("takes many requests at once with few writes, and loses none")
    func concurrent() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in 0..<200 {
                group.addTask { try await spool.append(fixture.batch(Int64(member), member: OpaqueID("m-\(member)"))) }
            }
            try await group.waitForAll()
        }
        let sink = Sink()
        let copy = try fixture.crashed()
        try await sink.drain(try await copy.open()).sendAll()
        #expect(try copy.files().isEmpty)
        #expect(try sink.seqs.sorted() == Array(0..<200))
    }

    @Test("cuts the end of a record that was not finished, wherever it was cut off")
    func tornTail() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        try await spool.append(fixture.batch(0))
        let file = "\(fixture.root)/\(try #require(fixture.files().first))"
        let first = try Data(contentsOf: URL(filePath: file)).count
        try await spool.append(fixture.batch(1))
        let whole = try Data(contentsOf: URL(filePath: file)).count
        for length in [0, 1, 15, 16, 17, first - 1, first, first + 1, first + 8, whole - 1] {
            let copy = try fixture.crashed()
            let torn = "\(copy.root)/\(try #require(copy.files().first))"
            #expect(truncate(torn, length) == 0)
            let reopened = try await copy.open()
            let expected = length >= first ? 1 : 0
            #expect(reopened.usage.events == expected, "\(length) bytes")
            #expect(try copy.files().filter { $0.hasSuffix(".corrupt") }.isEmpty, "a torn tail is no corruption")
            try await reopened.append(fixture.batch(7))
            let sink = Sink()
            try await sink.drain(reopened).sendAll()
            #expect(try sink.seqs == (expected == 1 ? [0, 7] : [7]))
        }
    }

    @Test("sets a damaged segment aside after what is sound in it, says so, and starts again")
    func corruption() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        for seq in 0..<3 { try await spool.append(fixture.batch(Int64(seq))) }
        let copy = try fixture.crashed()
        let file = URL(filePath: "\(copy.root)/\(try #require(copy.files().first))")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.startIndex + 16 + 12 + 3] ^= 0x40
        try bytes.write(to: file)

        let reopened = try await copy.open()
        #expect(reopened.usage.events == 2)
        let sink = Sink()
        let drain = sink.drain(reopened)
        try await drain.sendAll()
        #expect(try sink.seqs == [1, 2])
        try await drain.adopt()
        #expect(reopened.usage.corruptSegments == 1 && reopened.usage.isEmpty)
        let aside = try copy.files()
        #expect(aside == [try #require(fixture.files().first) + ".corrupt"])
        #expect(try Data(contentsOf: URL(filePath: "\(copy.root)/\(aside[0])")) == bytes)

        // Another damaged one does not take its place, nor does a start.
        let second = try copy.crashed()
        let again = try await second.open()
        try await again.append(fixture.batch(5))
        #expect(again.usage.events == 1)
        #expect(try second.files().count == 2)
        reopened.close()
        reopened.noteTold(reopened.leavingFolders)
        await reopened.removeTold()
        #expect(try copy.files() == aside, "a folder with something for a person stays")
    }

    @Test("sets a segment aside that cannot be read, or holds nothing that is sound")
    func unreadable() async throws {
        let fixture = try SpoolFixture()
        let folder = "\(fixture.root)/edge-old"
        try FileManager.default.createDirectory(atPath: "\(folder)/\(SegmentName.file(3))", withIntermediateDirectories: true)
        try Data("this is no segment at all".utf8).write(to: URL(filePath: "\(folder)/\(SegmentName.file(4))"))
        let spool = try await fixture.open()
        #expect(spool.name == "edge-old" && spool.usage.isEmpty)
        #expect(try fixture.files() == [3, 4].map { "edge-old/\(SegmentName.file(UInt64($0))).corrupt" })
        try await spool.append(fixture.batch(1))
        #expect(try fixture.files().contains("edge-old/\(SegmentName.file(5))"), "no name is used again")
    }

    @Test("is bounded, and goes on when there is room again")
    func bound() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open(limitBytes: 1000)
        var taken: [Int64] = []
        while spool.usage.level < .nothing {
            try await spool.append(fixture.batch(Int64(taken.count)))
            taken.append(Int64(taken.count))
        }
        let error = await #expect(throws: SpoolError.self) { try await spool.append(fixture.batch(99)) }
        #expect(error?.kind == .full)
        #expect(spool.usage.bytes >= 1000 && spool.usage.bytes < 1300)
        let sink = Sink()
        try await sink.drain(spool).sendAll()
        #expect(try sink.seqs == taken)
        try await spool.append(fixture.batch(100))
    }

    /// A disk without space is in the tests of the pipeline: only a process of its own can have one.
    @Test("says why when it cannot be written, and takes events again when it can")
    func failure() async throws {
        let fixture = try SpoolFixture()
        let spool = try await fixture.open()
        let folder = "\(fixture.root)/\(spool.name)"
        try FileManager.default.moveItem(atPath: folder, toPath: fixture.root + "/away")
        let error = await #expect(throws: SpoolError.self) { try await spool.append(fixture.batch(0)) }
        #expect(error?.kind == .disk && error?.description.contains(folder) == true)
        #expect(spool.usage.failure == error?.description && spool.usage.isEmpty)
        await spool.tryDisk()
        #expect(spool.usage.failure == error?.description)
        try FileManager.default.moveItem(atPath: fixture.root + "/away", toPath: folder)
        await spool.tryDisk()
        #expect(spool.usage.failure == nil)
        try await spool.append(fixture.batch(1))
        #expect(spool.usage.failure == nil && spool.usage.events == 1)
        #expect(try await fixture.eventsAfterCrash() == 1)
    }

    @Test("that cannot be made is an error that names the folder")
    func noFolder() async throws {
        let fixture = try SpoolFixture()
        let file = fixture.folder.url.appending(path: "file")
        try Data().write(to: file)
        let error = await #expect(throws: SpoolError.self) {
            _ = try await Spool(root: file.path, partitions: 4, limitBytes: 1000, logger: .silent)
        }
        #expect(error?.description.contains(file.path) == true)
    }

    @Test("lets nobody else read it")
    func permissions() async throws {
        let fixture = try SpoolFixture()
        let root = fixture.root + "/a/b"
        let spool = try await Spool(root: root, partitions: 4, limitBytes: 1 << 20, logger: .silent)
        try await spool.append(fixture.batch(0))
        func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
        #expect(try mode(root) == 0o700)
        #expect(try mode("\(root)/\(spool.name)") == 0o700)
        #expect(try mode("\(root)/\(spool.name)/\(SegmentName.file(1))") == 0o600)
    }
}
