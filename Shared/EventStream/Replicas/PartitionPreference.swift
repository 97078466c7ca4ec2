import Models

/// Which partitions each replica reads first. Pure, and the same wherever it is worked out.
///
/// Rendezvous hashing: a partition goes to the replica with the highest weight for it, so a replica that comes or goes moves only
/// its own share. Source: Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous", 1996.
public enum PartitionPreference {
    /// - Parameters:
    ///   - replica: counts as live, whether it is among `live` or not.
    ///   - live: names in any order.
    /// - Returns: rising; of 0 ..< `count`.
    public static func partitions(of replica: String, among live: some Sequence<String>, count: Int) -> [Int] {
        let rivals = Set(live).subtracting([replica])
        return (0..<count).filter { partition in
            let own = (weight(of: replica, for: partition), replica)
            return rivals.allSatisfy { (weight(of: $0, for: partition), $0) < own }
        }
    }

    private static func weight(of replica: String, for partition: Int) -> UInt64 {
        // FNV alone spreads short, similar texts badly over the high bits; the finaliser of SplitMix64 mixes them.
        var weight = StableHash.fnv1a(purpose: "replica \(partition) ", replica)
        weight = (weight ^ (weight >> 30)) &* 0xbf58_476d_1ce4_e5b9
        weight = (weight ^ (weight >> 27)) &* 0x94d0_49bb_1331_11eb
        return weight ^ (weight >> 31)
    }
}
