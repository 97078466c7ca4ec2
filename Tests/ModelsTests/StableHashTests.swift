import Models
import Testing

@Suite("The stable hash")
struct StableHashTests {
    /// The first ones stand among the test vectors of http://www.isthe.com/chongo/tech/comp/fnv/, "é" shows that it is bytes that count.
    @Test(
        "is FNV-1a with 64 bits",
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("b", 0xaf63_df4c_8601_f1a5), ("foo", 0xdcb2_7518_fed9_d577),
            ("foobar", 0x8594_4171_f739_67e8), ("chongo was here!\n", 0x4681_0940_eff5_f915), ("é", 0x0ac2_1707_b718_1e01),
        ] as [(String, UInt64)])
    func knownVectors(text: String, hash: UInt64) {
        #expect(StableHash.fnv1a(purpose: "", text) == hash)
        // Wherever the border lies, purpose and key are one text.
        for border in text.indices {
            #expect(StableHash.fnv1a(purpose: String(text[..<border]), String(text[border...])) == hash)
        }
    }

    @Test("sets one member's purposes apart")
    func purposes() {
        #expect(StableHash.fnv1a(purpose: "partition", "m-42") == 0x430a_592d_4200_9615)
        #expect(StableHash.fnv1a(purpose: "route", "m-42") == 0x704f_29fa_5fcc_18ee)
    }

    /// Worked out with Python; a partition that moved would split a member's events over two streams.
    @Test(
        "gives each member the partition of every other release",
        arguments: [("m-42", 5, 0), ("m-1", 6, 5), ("viewer", 3, 4), ("018f3c5e", 8, 0), ("bob", 8, 2), ("zażółć", 5, 3)]
            as [(OpaqueID, Int, Int)])
    func knownPartitions(memberId: OpaqueID, of16: Int, of7: Int) {
        #expect(StableHash.partition(ofMember: memberId, count: 16) == of16)
        #expect(StableHash.partition(ofMember: memberId, count: 7) == of7)
    }

    @Test("gives partitions in range, and about equally many members each", arguments: [1, 2, 3, 16, 100])
    func range(count: Int) throws {
        var members = [Int](repeating: 0, count: count)
        for number in 0..<20_000 {
            let partition = StableHash.partition(ofMember: OpaqueID("m-\(number)"), count: count)
            try #require((0..<count).contains(partition))
            members[partition] += 1
        }
        let fair = 20_000 / count
        #expect(members.allSatisfy { $0 > fair / 2 && $0 < fair * 2 }, "\(members)")
    }

    @Test("gives canonically equivalent members partitions of their own")
    func equivalentMembers() {
        #expect(StableHash.partition(ofMember: "\u{e9}", count: 16) == 5)
        #expect(StableHash.partition(ofMember: "e\u{301}", count: 16) == 11)
    }
}
