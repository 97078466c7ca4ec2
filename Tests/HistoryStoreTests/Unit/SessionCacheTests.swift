import Models
import Oracle
import Testing

@testable import HistoryStore

@Suite("The cache of sessions")
struct SessionCacheTests {
    private static func key(_ number: Int) -> HashedSessionKey {
        HashedSessionKey(SessionKey(memberId: OpaqueID("m-\(number)"), sessionId: "s"))
    }

    private static let rowBytes = SessionCache.bytes(of: row(0), key: key(0).key)

    private static func cache(rows: Int) -> SessionCache {
        // Keys of tests have one to three digits.
        SessionCache(byteLimit: (rowBytes + 3) * rows)
    }

    /// A row that is told by its revision.
    private static func row(_ revision: Int64) -> KnownSession.Row {
        let event = PlaybackEvent(
            memberId: "m", sessionId: "s", seq: 0, kind: .start, titleId: "t", positionMs: 0, occurredAt: 1_763_700_000_000)
        return KnownSession.Row(state: SessionState(event), revision: revision)
    }

    @Test("gives what was put in, the latest of it")
    func latest() {
        var cache = Self.cache(rows: 10)
        #expect(cache[Self.key(1)] == nil && cache.count == 0)
        cache[Self.key(1)] = Self.row(1)
        cache[Self.key(1)] = Self.row(2)
        #expect(cache[Self.key(1)]?.revision == 2)
        #expect(cache[Self.key(2)] == nil)
        #expect(cache.count == 1)
    }

    @Test("never holds more than its limit, but for the latest row", arguments: [0, 1, 2, 3, 10, 101])
    func bound(rows: Int) throws {
        var cache = Self.cache(rows: rows)
        for number in 0..<1000 {
            cache[Self.key(number)] = Self.row(Int64(number))
            try #require(cache.byteCount <= max(cache.byteLimit, 2 * (Self.rowBytes + 3)))
            try #require(cache[Self.key(number)]?.revision == Int64(number))
        }
    }

    @Test("a row that is used outlives many that are not")
    func promotion() throws {
        var cache = Self.cache(rows: 10)
        cache[Self.key(0)] = Self.row(7)
        for number in 1...1000 {
            cache[Self.key(number)] = Self.row(0)
            if number % 4 == 0 { try #require(cache[Self.key(0)]?.revision == 7, "after \(number)") }
        }
        #expect(cache[Self.key(1)] == nil && cache[Self.key(500)] == nil)
    }

    @Test("a removed row is gone from wherever it was", arguments: [1, 3, 6, 9])
    func removal(others: Int) {
        var cache = Self.cache(rows: 10)
        cache[Self.key(0)] = Self.row(1)
        for number in 1...others { cache[Self.key(number)] = Self.row(0) }
        cache[Self.key(0)] = nil
        #expect(cache[Self.key(0)] == nil)
        cache[Self.key(-1)] = nil
    }

    /// A row in both generations would come back, stale, when the young one goes.
    @Test("a row written again is not found in its older form later", arguments: 0...12)
    func noOlderForm(others: Int) {
        var cache = Self.cache(rows: 10)
        cache[Self.key(0)] = Self.row(1)
        for number in 1..<5 { cache[Self.key(number)] = Self.row(0) }
        cache[Self.key(5)] = Self.row(0)
        cache[Self.key(0)] = Self.row(2)
        for number in 6..<6 + others { cache[Self.key(number)] = Self.row(0) }
        #expect((cache[Self.key(0)]?.revision ?? 2) == 2)
    }

    @Test("forgets everything at once")
    func removeAll() {
        var cache = Self.cache(rows: 10)
        for number in 0..<8 { cache[Self.key(number)] = Self.row(0) }
        cache.removeAll()
        #expect(cache.count == 0 && cache.byteCount == 0)
        for number in 0..<8 { #expect(cache[Self.key(number)] == nil) }
    }

    @Test("at random: bounded, never stale, the latest half of its capacity always there", arguments: 1...20 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 2...20, using: &random)
        var cache = Self.cache(rows: capacity)
        var written: [Int: Int64] = [:]
        var used: [Int] = []
        for revision in 1...2000 as ClosedRange<Int64> {
            let number = Int.random(in: 0..<30, using: &random)
            used.removeAll { $0 == number }
            used.append(number)
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                cache[Self.key(number)] = nil
                written[number] = nil
            case 1...5:
                cache[Self.key(number)] = Self.row(revision)
                written[number] = revision
            default:
                let found = cache[Self.key(number)]?.revision
                try #require(found == nil || found == written[number])
                // What was pushed out is no longer there to be found.
                written[number] = found
            }
            try #require(cache.byteCount <= max(cache.byteLimit, 2 * (Self.rowBytes + 3)))
            for recent in used.suffix(max(capacity / 2 - 1, 1)) {
                // A copy, as looking changes what is kept.
                var copy = cache
                try #require(copy[Self.key(recent)]?.revision == written[recent])
            }
        }
    }
}
