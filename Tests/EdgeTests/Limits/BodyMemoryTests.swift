import Testing

@testable import Edge

@Suite("The memory of all bodies") struct BodyMemoryTests {
    @Test("is shared by what is above the free part of each, and given back")
    func shares() {
        let memory = BodyMemory(limitBytes: 1000)
        var taken: [Bool] = []
        do {
            var first = BodyMemory.Share(of: memory)
            taken.append(first.grow(by: BodyMemory.freeBytes + 600))
            var second = BodyMemory.Share(of: memory)
            // A small body always has its place.
            taken.append(second.grow(by: BodyMemory.freeBytes))
            taken.append(second.grow(by: 401))
            // What was refused was not taken.
            taken.append(second.grow(by: 400))
            taken.append(first.grow(by: 1))
            var third = BodyMemory.Share(of: memory)
            taken.append(third.grow(by: 1))
        }
        #expect(taken == [true, true, false, true, false, true])
        var later = BodyMemory.Share(of: memory)
        let fits = later.grow(by: BodyMemory.freeBytes + 1000)
        let overflows = later.grow(by: 1)
        #expect(fits && !overflows)
    }
}
