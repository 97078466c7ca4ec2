/// FNV-1a with 64 bits over UTF-8: a hash that is the same in every process, version and language, for partitions, lock buckets and routing.
/// Source: http://www.isthe.com/chongo/tech/comp/fnv/ (offset basis and prime for 64 bits).
public enum StableHash {
    /// The hash of `purpose` followed by `key`, so that one member's partition, bucket and route are independent of each other.
    public static func fnv1a(purpose: String, _ key: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    /// The stream partition of a member, 0 ..< `count`.
    public static func partition(ofMember memberId: OpaqueID, count: Int) -> Int {
        Int(fnv1a(purpose: "partition", memberId.text) % UInt64(count))
    }
}
