import EventStream
import Testing

@testable import Operator

@Suite("What spools leave unsettled") struct SettledWaitTests {
    private static func folder(_ name: String, _ events: Int, _ publishedAtMs: Int64) -> SpoolLedger.Folder {
        SpoolLedger.Folder(name: name, events: events, publishedAtMs: publishedAtMs)
    }

    @Test("is nothing where no edge has a spool, or all have told since that theirs is empty")
    func settled() {
        #expect(SettledWait.unsettled([], sinceMs: 1000) == nil)
        #expect(SettledWait.unsettled([Self.folder("a", 0, 1001), Self.folder("b", 0, 9000)], sinceMs: 1000) == nil)
    }

    @Test("is what they hold")
    func held() {
        let folders = [Self.folder("a", 7, 2000), Self.folder("b", 0, 2000), Self.folder("c", 5, 0)]
        #expect(SettledWait.unsettled(folders, sinceMs: 1000) == "spools: 2 hold 12 events")
    }

    @Test("is what an edge that has not told since may hold")
    func silent() {
        let folders = [Self.folder("a", 0, 2000), Self.folder("b", 0, 1000), Self.folder("c", 0, 1_000_000)]
        #expect(SettledWait.unsettled(folders, sinceMs: 91_000) == "the edge of spool b has told nothing for 90 s")
        #expect(SettledWait.unsettled([Self.folder("b", 0, 91_000)], sinceMs: 91_000) != nil, "it may have looked just before")
    }
}
