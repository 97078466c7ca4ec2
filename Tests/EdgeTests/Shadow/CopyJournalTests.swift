import BlockingClient
import Foundation
import Models
import TestSupport
import Testing

@testable import Edge

@Suite("The journal of copies")
struct CopyJournalTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    }

    private func key(_ number: Int) -> SessionKey {
        SessionKey(memberId: OpaqueID("m \(number)"), sessionId: OpaqueID("s-\(number)"))
    }

    private var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []).filter { $0.hasPrefix(CopyJournal.prefix) }
    }

    @Test("what was begun and not copied is missing; what was copied or told is not")
    func lines() {
        let text = [
            CopyJournalFormat.Record.begun(1, [key(1), key(2)]), .begun(2, [key(3)]), .copied(1), .begun(3, [key(4)]), .notCopied(2),
            .begun(4, [key(5)]), .notCopied(4), .told(4),
        ].map(CopyJournalFormat.line).joined()
        #expect(CopyJournalFormat.missing(in: text) == [key(3), key(4)])
        // Cut off anywhere: a copy whose end is not there whole counts as missing, one whose beginning is not there had not begun.
        for length in 0...text.utf8.count {
            let part = String(decoding: text.utf8.prefix(length), as: UTF8.self)
            #expect(CopyJournalFormat.missing(in: part).isSubset(of: (1...5).map(key)))
        }
        #expect(CopyJournalFormat.missing(in: String(text.dropLast())) == [key(3), key(4), key(5)])
        #expect(CopyJournalFormat.missing(in: "garbage\n+\tx\ty\n").isEmpty)
    }

    @Test("a session is told of once, however often its copies fail")
    func telling() async throws {
        let journal = CopyJournal(folder: folder.url.path, edge: "e")
        for _ in 0..<3 { await journal.end(try await journal.begin([key(1)]), isCopied: false) }
        await journal.end(try await journal.begin([key(1), key(2)]), isCopied: false)
        await journal.end(try await journal.begin([key(3)]), isCopied: true)
        #expect(await Set(journal.missing(limit: 10)) == [key(1), key(2)])
        #expect(journal.counts.withLock { $0.open } == 2)
        await journal.told([key(1)])
        #expect(await journal.missing(limit: 10) == [key(2)])
        await journal.told([key(2)])
        #expect(journal.counts.withLock { $0.open } == 0)
        // The database knows it for a while.
        await journal.end(try await journal.begin([key(1)]), isCopied: false)
        #expect(await journal.missing(limit: 10).isEmpty && journal.counts.withLock { $0.open == 0 && $0.untold == 0 })
        await journal.end(try await journal.begin([key(1), key(9)]), isCopied: false)
        #expect(await journal.missing(limit: 10) == [key(9)])
        await journal.told([key(9)])
        await journal.tidy()
        #expect(files.isEmpty)
    }

    @Test("another edge takes over the journal of one that died, and not that of one that lives")
    func abandoned() async throws {
        let journals = AbandonedJournals(folder: folder.url.path)
        var journal: CopyJournal? = CopyJournal(folder: folder.url.path, edge: "host-7-1")
        for number in 1...3 { _ = try await journal?.begin([key(number)]) }
        await journal?.end(2, isCopied: true)
        #expect(await journals.next() == nil)
        // Its descriptors end with it, as with a process.
        journal = nil
        var found: AbandonedJournals.File?
        try await eventually("nobody holds it") {
            found = await journals.next()
            return found != nil
        }
        let file = try #require(found)
        #expect(file.missing == [key(1), key(3)] && file.edge == "host-7-1")
        #expect(await !journals.has(of: "host-7-1", besides: file))
        for (other, isIts) in [("shadow-copies-host-7-10-0", false), ("shadow-copies-host-7-1-9", true)] {
            #expect(FileManager.default.createFile(atPath: folder.url.appending(path: other).path, contents: nil))
            #expect(await journals.has(of: "host-7-1", besides: file) == isIts, "\(other)")
        }
        await journals.remove(file)
        #expect(!files.contains { $0.hasSuffix("host-7-1-0") })
    }

    @Test("files that hold nothing open any more are removed")
    func rotation() async throws {
        let journal = CopyJournal(folder: folder.url.path, edge: "e")
        let long = SessionKey(
            memberId: OpaqueID(String(repeating: "x", count: 250)), sessionId: OpaqueID(String(repeating: "y", count: 250)))
        let kept = try await journal.begin([key(1)])
        for _ in 0..<6000 { await journal.end(try await journal.begin([long]), isCopied: true) }
        #expect(files.count == 2, "the first, which holds an open copy, and the one in use")
        await journal.end(kept, isCopied: true)
        #expect(files.count == 1)
    }
}
