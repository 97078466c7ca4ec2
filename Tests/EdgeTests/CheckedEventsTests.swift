import Models
import TestSupport
import Testing

@testable import Edge

@Suite("Events sorted into good and bad") struct CheckedEventsTests {
    /// As a request of the given shape: a digit is a good event with that seq, anything else a bad one.
    private static func checked(_ shape: String) -> CheckedEvents {
        var checked = CheckedEvents()
        for character in shape {
            if let seq = character.wholeNumberValue {
                checked.accept(.sample(seq: Int64(seq)))
            } else {
                checked.reject(EventFault("bad"))
            }
        }
        return checked
    }

    @Test(
        "keep their index whatever is put off",
        arguments: ["", "0", "x", "0x1", "x0", "xx01xx", "0123", "x1x3x", "13579", "9x8x7x65", "xx1", "1xx"])
    func indices(shape: String) {
        var checked = Self.checked(shape)
        let count = checked.putOff(.backPressure) { event, place in
            #expect(shape.filter(\.isNumber).map(\.wholeNumberValue)[place] == Int(event.seq))
            return event.seq % 2 == 1
        }
        let odd = shape.filter { $0.wholeNumberValue.map { $0 % 2 == 1 } ?? false }
        #expect(count == odd.count)
        #expect(checked.events.map { Int($0.seq) } == shape.compactMap(\.wholeNumberValue).filter { $0 % 2 == 0 })
        let expected = shape.enumerated().compactMap { index, character -> (Int, Bool)? in
            guard let seq = character.wholeNumberValue else { return (index, false) }
            return seq % 2 == 1 ? (index, true) : nil
        }
        #expect(checked.rejected.map(\.index) == expected.map(\.0))
        #expect(checked.rejected.map(\.retryable) == expected.map(\.1))
    }
}
