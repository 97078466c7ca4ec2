import Models
import Oracle
import TestSupport
import Testing

@testable import HistoryStore

@Suite("Pages of bookmarks")
struct BookmarkPagesTests {
    private func bookmark(_ title: OpaqueID, _ time: Int64) -> TitleBookmark {
        TitleBookmark(
            titleId: title, sessionId: "s", startedAt: time, lastWatchedAt: time, positionMs: 0, runtimeMs: nil, completed: false,
            hasCredit: true)
    }

    /// The pages that hold some titles, as ``BookmarkTable/pages`` reads them.
    private func pages(of titles: [OpaqueID], in stored: [OpaqueID: [TitleBookmark]]) -> [(first: OpaqueID, bookmarks: [TitleBookmark])] {
        let firsts = stored.keys.sorted()
        return Set(titles.compactMap { title in firsts.last { !(title < $0) } }).map { ($0, stored[$0] ?? []) }
    }

    @Test("hold what was written, however they were divided")
    func againstADictionary() throws {
        for seed in try RandomSession.seeds(30) {
            var random = SeededGenerator(seed: seed)
            var stored: [OpaqueID: [TitleBookmark]] = [:]
            var expected: [OpaqueID: TitleBookmarks] = [:]
            for round in 0..<40 as Range<Int64> {
                let titles = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                    OpaqueID("t-\(Int.random(in: 0..<900, using: &random))")
                }
                var changed = BookmarkPages(pages(of: titles, in: stored))
                for title in titles {
                    if random.chance(20) {
                        changed[title] = TitleBookmarks()
                        expected[title] = nil
                    } else {
                        changed[title].note(bookmark(title, round))
                        expected[title, default: TitleBookmarks()].note(bookmark(title, round))
                    }
                }
                for change in changed.changes { stored[change.first] = change.bookmarks }
            }
            let found = Dictionary(grouping: stored.values.joined(), by: \.titleId).mapValues { TitleBookmarks($0) }
            #expect(found == expected, "TEST_SEED=\(seed)")
            #expect(stored.values.allSatisfy { Set($0.map(\.titleId)).count <= 64 } && stored.count > 3, "TEST_SEED=\(seed)")
            // Every title lies on the page that is looked up for it.
            for (title, bookmarks) in expected {
                #expect(BookmarkPages(pages(of: [title], in: stored))[title] == bookmarks, "TEST_SEED=\(seed)")
            }
        }
    }

    @Test("what stays the same is not written")
    func unchanged() {
        var pages = BookmarkPages([("", [bookmark("a", 5)])])
        pages["a"].note(bookmark("a", 5))
        pages["b"] = TitleBookmarks()
        #expect(pages.changes.isEmpty)
    }
}
