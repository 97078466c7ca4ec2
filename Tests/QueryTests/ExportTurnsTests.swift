import Models
import Testing

@testable import Query

@Suite("A member's exports")
struct ExportTurnsTests {
    @Test("are two at a time, and another when one is gone")
    func turns() {
        let turns = ExportTurns()
        var first = turns.take(for: "m-1")
        let second = turns.take(for: "m-1")
        #expect(first != nil && second != nil && turns.take(for: "m-1") == nil)
        #expect(turns.take(for: "m-2") != nil, "others have their own")
        first = nil
        let third = turns.take(for: "m-1")
        #expect(third != nil && turns.take(for: "m-1") == nil)
        withExtendedLifetime((second, third)) {}
    }
}
