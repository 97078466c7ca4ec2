import Testing

@testable import Processor

@Suite("What a replica reads")
struct MembershipTests {
    @Test("is nothing until it knows who else lives, and then a share")
    func share() {
        let membership = Membership(replica: "a", partitions: 16)
        #expect(membership.preferred.isEmpty)
        #expect(membership.update(live: ["a", "b"]))
        let share = membership.preferred
        #expect(!share.isEmpty && share.count < 16)
        #expect(!membership.update(live: ["b", "a"]))
        #expect(membership.preferred == share)
        #expect(membership.update(live: ["a"]))
        #expect(membership.preferred == Array(0..<16))
    }

    @Test("is everything where nobody can tell, but not when it was told before")
    func unknown() {
        let membership = Membership(replica: "a", partitions: 4)
        membership.updateUnknown()
        #expect(membership.preferred == [0, 1, 2, 3])
        let told = Membership(replica: "a", partitions: 16)
        told.update(live: ["a", "b", "c"])
        let share = told.preferred
        told.updateUnknown()
        #expect(told.preferred == share)
    }
}
