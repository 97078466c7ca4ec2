import Oracle

/// Damages protobuf messages: mostly field by field with all lengths put right, so that what is inside is tried.
struct ProtoMutator {
    let corpus: [[UInt8]]

    private static let numbers: [UInt64] = [
        0, 1, 2, 3, 7, 8, 127, 128, 946_684_799_999, 946_684_800_000, 1 << 31, 1 << 32, (1 << 53) - 1, 1 << 53, 1 << 53 + 1, 1 << 60,
        1 << 61,
        253_402_300_799_999, 253_402_300_800_000, 506_804_601_599_998, UInt64(Int64.max), 1 << 63, .max, .max - 1,
    ]
    private static let texts: [[UInt8]] = [
        [], [0x61], [0], [0x0a], [0x7f], [0xc2, 0x85], Array("Café 📺".utf8), Array(repeating: 0x78, count: 256),
        Array(repeating: 0x78, count: 257),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80],
    ]

    /// One of the corpus after none to four changes.
    func input(using random: inout SeededGenerator) -> [UInt8] {
        var message = corpus[Int.random(in: 0..<corpus.count, using: &random)]
        for _ in 0..<Int.random(in: 0...3, using: &random) { message = changed(message, using: &random) }
        if random.chance(15) { damage(&message, using: &random) }
        return message
    }

    private func changed(_ message: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        guard var fields = ProtoField.fields(in: message), !fields.isEmpty else { return message }
        let index = Int.random(in: 0..<fields.count, using: &random)
        switch Int.random(in: 0..<14, using: &random) {
        case 0: fields.remove(at: index)
        case 1: fields.insert(fields[index], at: Int.random(in: 0...fields.count, using: &random))
        case 2: fields.swapAt(index, Int.random(in: 0..<fields.count, using: &random))
        case 3: fields[index].number = UInt64.random(in: 1...14, using: &random)
        case 4: fields[index].number = 1 << UInt64.random(in: 0..<29, using: &random)
        case 5: fields[index].padding = Int.random(in: 1...3, using: &random)
        case 6:
            fields[index].value =
                [.varint(0), .fixed([1, 2, 3, 4]), .fixed(Array(repeating: 0xff, count: 8)), .bytes([])][
                    Int.random(in: 0..<4, using: &random)]
        default: fields[index].value = changed(fields[index].value, using: &random)
        }
        return ProtoField.message(fields)
    }

    private func changed(_ value: ProtoField.Value, using random: inout SeededGenerator) -> ProtoField.Value {
        switch value {
        case .varint:
            let any = random.chance(80) ? Self.numbers[Int.random(in: 0..<Self.numbers.count, using: &random)] : random.next()
            return .varint(any)
        case .fixed(let bytes): return .fixed(bytes.map { _ in UInt8.random(in: 0...255, using: &random) })
        case .bytes(let bytes):
            // A message, perhaps; a text of a few letters may look like one, which does not matter.
            if random.chance(bytes.count > 12 ? 90 : 30) { return .bytes(changed(bytes, using: &random)) }
            return .bytes(Self.texts[Int.random(in: 0..<Self.texts.count, using: &random)])
        }
    }

    /// Without regard to fields.
    private func damage(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let other = corpus[Int.random(in: 0..<corpus.count, using: &random)]
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(at...)
        case 3: bytes.insert(contentsOf: Array(repeating: 0x80, count: Int.random(in: 1...11, using: &random)), at: at)
        case 4: bytes.remove(at: at)
        default: bytes.replaceSubrange(at..., with: other.dropFirst(Int.random(in: 0...other.count, using: &random)))
        }
    }
}
