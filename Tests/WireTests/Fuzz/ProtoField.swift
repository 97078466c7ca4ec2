/// A field of a protobuf message as it stands in the bytes: https://protobuf.dev/programming-guides/encoding/
struct ProtoField {
    enum Value {
        case varint(UInt64)
        /// Wire types 1 and 5.
        case fixed([UInt8])
        case bytes([UInt8])
    }

    var number: UInt64
    var value: Value
    /// Bytes more than needed in the tag, and in the value or its length.
    var padding = 0

    /// - Returns: nil for what is no message of such fields; groups are not read.
    static func fields(in message: [UInt8]) -> [ProtoField]? {
        var fields: [ProtoField] = []
        var rest = message[...]
        while !rest.isEmpty {
            guard let tag = varint(&rest, bytes: 5), tag >> 3 > 0, tag < 1 << 32 else { return nil }
            switch tag & 7 {
            case 0:
                guard let value = varint(&rest) else { return nil }
                fields.append(ProtoField(number: tag >> 3, value: .varint(value)))
            case 1, 5:
                let count = tag & 7 == 1 ? 8 : 4
                guard rest.count >= count else { return nil }
                fields.append(ProtoField(number: tag >> 3, value: .fixed(Array(rest.prefix(count)))))
                rest = rest.dropFirst(count)
            case 2:
                guard let count = varint(&rest), count <= rest.count else { return nil }
                fields.append(ProtoField(number: tag >> 3, value: .bytes(Array(rest.prefix(Int(count))))))
                rest = rest.dropFirst(Int(count))
            default: return nil
            }
        }
        return fields
    }

    static func message(_ fields: [ProtoField]) -> [UInt8] {
        fields.reduce(into: []) { bytes, field in
            switch field.value {
            case .varint(let value):
                append(field.number << 3, to: &bytes, padding: field.padding)
                append(value, to: &bytes, padding: field.padding)
            case .fixed(let value):
                append(field.number << 3 | (value.count == 8 ? 1 : 5), to: &bytes, padding: field.padding)
                bytes += value
            case .bytes(let value):
                append(field.number << 3 | 2, to: &bytes, padding: field.padding)
                append(UInt64(value.count), to: &bytes, padding: field.padding)
                bytes += value
            }
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>, bytes: Int = 10) -> UInt64? {
        var value: UInt64 = 0
        for place in 0..<bytes {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << (7 * place)
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8], padding: Int) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        // Zeros that say nothing, and are allowed.
        bytes.append(UInt8(rest) | (padding > 0 ? 0x80 : 0))
        for place in 0..<padding { bytes.append(place == padding - 1 ? 0 : 0x80) }
    }
}
