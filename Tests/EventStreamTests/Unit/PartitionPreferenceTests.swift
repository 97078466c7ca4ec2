import EventStream
import Testing

@Suite("Which partitions a replica prefers")
struct PartitionPreferenceTests {
    private static func shares(_ live: [String], partitions: Int = 16) -> [String: [Int]] {
        Dictionary(
            uniqueKeysWithValues: live.map { ($0, PartitionPreference.partitions(of: $0, among: live, count: partitions)) })
    }

    private static func names(_ count: Int) -> [String] { (0..<count).map { "host-\($0)" } }

    @Test("each partition is one replica's", arguments: [1, 2, 3, 4, 7, 20])
    func partition(replicas: Int) {
        let shares = Self.shares(Self.names(replicas))
        #expect(shares.values.flatMap { $0 }.sorted() == Array(0..<16))
    }

    @Test("one that the others do not know of yet counts itself")
    func newcomer() {
        #expect(PartitionPreference.partitions(of: "a", among: [], count: 4) == [0, 1, 2, 3])
        let known = PartitionPreference.partitions(of: "b", among: ["a", "b"], count: 16)
        #expect(PartitionPreference.partitions(of: "b", among: ["a"], count: 16) == known)
    }

    @Test("the order of the names does not matter, nor a name that stands twice")
    func order() {
        let live = Self.names(5)
        for replica in live {
            let share = PartitionPreference.partitions(of: replica, among: live, count: 16)
            #expect(PartitionPreference.partitions(of: replica, among: live.reversed() + live, count: 16) == share)
        }
    }

    @Test("a replica that comes or goes moves its own share alone", arguments: 2...8)
    func minimalMoves(replicas: Int) {
        let all = Self.shares(Self.names(replicas), partitions: 99)
        let fewer = Self.shares(Self.names(replicas - 1), partitions: 99)
        for (replica, share) in fewer { #expect(Set(all[replica] ?? []).isSubset(of: share)) }
    }

    @Test("many partitions are spread evenly, even over names that differ in a digit")
    func evenness() {
        for share in Self.shares(Self.names(4), partitions: 4000).values { #expect((850...1150).contains(share.count), "\(share.count)") }
    }
}
