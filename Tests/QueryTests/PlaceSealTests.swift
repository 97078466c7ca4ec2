import EventStream
import Models
import Testing

@testable import Query

@Suite("A place in the change feed")
struct PlaceSealTests {
    private let place = FeedPosition(entry: StreamEntryID(milliseconds: 1_763_157_900_000, sequence: 3), index: .max)

    @Test("comes back to who was given it, and says nothing")
    func roundTrip() {
        let seal = PlaceSeal(secret: [1, 2, 3], member: "m-1")
        let text = seal.seal(place)
        #expect(PlaceSeal(secret: [1, 2, 3], member: "m-1").open(text) == place, "another replica")
        #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) } && (40...120).contains(text.count))
        #expect(seal.seal(place) != text, "two of the same cannot be told to be the same")
    }

    @Test("is nothing to another member, with another secret, or changed")
    func others() {
        let text = PlaceSeal(secret: [1, 2, 3], member: "m-1").seal(place)
        #expect(PlaceSeal(secret: [1, 2, 3], member: "m-2").open(text) == nil)
        #expect(PlaceSeal(secret: [1, 2, 4], member: "m-1").open(text) == nil)
        for changed in ["", "nonsense", place.description, String(text.dropLast()), "A" + text.dropFirst(), text + "AAAA"]
        where changed != text {
            #expect(PlaceSeal(secret: [1, 2, 3], member: "m-1").open(changed) == nil, "\(changed)")
        }
    }
}
