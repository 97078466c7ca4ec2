import Models
import Testing
import Wire

@Suite("Bookmarks come out of a page as they went in")
struct BookmarkPageTests {
    @Test func everyField() throws {
        let plain = TitleBookmark(
            titleId: "t", sessionId: "s", startedAt: 1_700_000_000_000, lastWatchedAt: 1_700_000_060_000, positionMs: 0, runtimeMs: nil,
            completed: false, hasCredit: false)
        var full = plain
        full.titleId = OpaqueID(String(repeating: "é", count: 128))
        full.sessionId = "018f3c5e-1111-7000-8000-0123456789ab"
        full.startedAt = 1
        full.lastWatchedAt = 0
        full.positionMs = 1 << 53
        full.runtimeMs = 1
        full.completed = true
        full.hasCredit = true
        for bookmarks in [[], [plain], [full, plain]] {
            #expect(try WireBookmarkPage.decode(WireBookmarkPage.encode(bookmarks)) == bookmarks)
        }
    }

    @Test func whatIsNoPageIsRefused() {
        #expect(throws: UndecodableError.self) { try WireBookmarkPage.decode([0x0a, 0xff]) }
    }
}
