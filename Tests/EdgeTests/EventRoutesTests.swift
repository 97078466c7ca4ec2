import Foundation
import Models
import NIOCore
import Testing

@testable import Edge

@Suite struct EventRoutesTests {
    @Test func aReceiptIsWrittenAsAnEncoderWritesIt() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rejection = Rejection(index: 1, fault: EventFault(field: "seq", "seq is \"required\""))
        for receipt in [
            EventIntake.Receipt(accepted: 2, rejected: []), EventIntake.Receipt(accepted: 0, rejected: []),
            EventIntake.Receipt(accepted: 1, rejected: [rejection]),
        ] {
            #expect(try EventRoutes.json(receipt) == ByteBuffer(bytes: encoder.encode(receipt)))
        }
        #expect(
            try String(buffer: EventRoutes.json(EventIntake.Receipt(accepted: 2, rejected: [])))
                == #"{"accepted":2,"durability":"stream","rejected":[]}"#)
    }
}
