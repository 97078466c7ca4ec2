import Models
import Testing

@testable import Edge

@Suite("Sessions of copies that are in no journal")
struct UnjournalledSessionsTests {
    private func key(_ number: Int) -> SessionKey { SessionKey(memberId: "m-1", sessionId: OpaqueID("s-\(number)")) }

    @Test("stay until they are noted elsewhere")
    func some() {
        let sessions = UnjournalledSessions()
        sessions.insert([key(1), key(2), key(2), key(3)])
        let some = sessions.some(2)
        #expect(some.count == 2 && sessions.count == 3)
        sessions.remove(some)
        #expect(sessions.count == 1 && Set(some + sessions.some(10)) == Set((1...3).map(key)))
    }

    @Test("are bounded, and nobody forgets that there were more")
    func limit() {
        let sessions = UnjournalledSessions(limit: 2)
        sessions.insert([key(1), key(2)])
        sessions.insert([key(2)])
        #expect(sessions.count == 2)
        sessions.insert([key(3)])
        #expect(sessions.some(10).count == 2 && sessions.count == 3)
        sessions.remove(sessions.some(10))
        #expect(sessions.count == 1, "of one nobody can tell any more")
    }
}
