import Models
import Testing

@testable import HistoryStore

@Suite("The lock buckets of members")
struct LockBucketsTests {
    /// Worked out with Python: FNV-1a 64 of "bucket" + member, modulo 256. Two versions that run side by side must lock the same.
    @Test(
        "are the same in every version",
        arguments: [("m-42", 95), ("m-1", 24), ("viewer", 37), ("bob", 102), ("zażółć", 215)] as [(OpaqueID, Int32)])
    func known(member: OpaqueID, bucket: Int32) {
        #expect(LockBuckets.of([member]) == [bucket])
    }

    @Test("differ for ids that differ only in their form")
    func forms() {
        #expect(LockBuckets.of(["\u{e9}"]) == [175])
        #expect(LockBuckets.of(["e\u{301}"]) == [61])
    }

    @Test("come in order, each once, whatever the order of the members")
    func sorted() {
        let members = (0..<200).map { OpaqueID("m-\($0)") }
        let buckets = LockBuckets.of(members)
        #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 })
        #expect(buckets == Set(members.flatMap { LockBuckets.of([$0]) }).sorted())
        #expect(LockBuckets.of(members.reversed() + members) == buckets)
    }

    @Test("are 256, and all are used")
    func range() {
        #expect(LockBuckets.of((0..<10_000).map { OpaqueID("m-\($0)") }) == Array(0..<256))
    }

    @Test("of nobody are none")
    func none() {
        #expect(LockBuckets.of([]).isEmpty)
    }

    @Test("are locked in a space of their own")
    func space() {
        #expect(LockBuckets.space == 0x706c)
    }
}
