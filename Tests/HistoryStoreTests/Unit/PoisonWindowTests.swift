import Testing

@testable import HistoryStore

@Suite("How much poison is too much")
struct PoisonWindowTests {
    @Test("two hundred dead letters among the last thousand events are borne, one more is not")
    func limit() {
        var window = PoisonWindow()
        #expect(window.admits(good: 0, dead: 200))
        #expect(!window.admits(good: 0, dead: 201))
        window.note(good: 0, dead: 200)
        #expect(window.deadCount == 200)
        #expect(!window.admits(good: 0, dead: 1))
        // Not yet: the two hundred are still among the last thousand.
        window.note(good: 799, dead: 0)
        #expect(!window.admits(good: 0, dead: 1))
        window.note(good: 1, dead: 0)
        #expect(window.admits(good: 0, dead: 1))
    }

    @Test("good events push old dead letters out")
    func forgetting() {
        var window = PoisonWindow()
        window.note(good: 0, dead: 150)
        window.note(good: 1000, dead: 0)
        #expect(window.deadCount == 0)
        window.note(good: 995, dead: 5)
        #expect(window.deadCount == 5)
        window.note(good: 0, dead: 5000)
        #expect(window.deadCount == 1000)
    }

    @Test("of a large batch the share counts, wherever in it the dead letters are", arguments: [(256, true), (6553, true), (6700, false)])
    func share(dead: Int, admitted: Bool) {
        var window = PoisonWindow()
        #expect(window.admits(good: 32_768 - dead, dead: dead) == admitted)
        window.note(good: 32_768 - dead, dead: dead)
        #expect(window.deadCount == dead * 1000 / 32_768)
    }

    @Test("asking changes nothing, and one in a thousand never stops anything")
    func asking() {
        var window = PoisonWindow()
        for _ in 0..<500 {
            #expect(window.admits(good: 999, dead: 1))
            window.note(good: 999, dead: 1)
        }
        #expect(window.deadCount == 1)
    }
}
