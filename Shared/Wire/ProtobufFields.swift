/// Protobuf's wire format (https://protobuf.dev/programming-guides/encoding/), written straight into bytes: a writer folds and announces
/// hundreds of thousands of sessions a second, and building a message only to serialise it costs several times as much.
///
/// Fields are written in the order of their numbers, so that the bytes are those that protobuf's own serialisers make.
struct ProtobufFields {
    private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: bytes that will be needed, as far as is known.
    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// A singular `int64` or enum: left out where it is 0.
    mutating func append(_ number: Int, _ value: Int64) {
        if value != 0 { append(number, optional: value) }
    }

    /// An `optional int64`, or one inside a `oneof`.
    mutating func append(_ number: Int, optional value: Int64?) {
        guard let value else { return }
        appendTag(number, .varint)
        append(varint: UInt64(bitPattern: value))
    }

    /// A singular `sint64`: left out where it is 0.
    mutating func append(_ number: Int, zigzag value: Int64) {
        append(number, value << 1 ^ value >> 63)
    }

    /// A singular `bool`: left out where it is false.
    mutating func append(_ number: Int, _ value: Bool) {
        append(number, value ? 1 : 0)
    }

    /// A singular `string`: left out where it is empty.
    mutating func append(_ number: Int, _ text: String) {
        if !text.isEmpty { append(number, optional: text) }
    }

    /// An `optional string`.
    mutating func append(_ number: Int, optional text: String?) {
        guard var text else { return }
        text.withUTF8 { utf8 in
            appendTag(number, .lengthDelimited)
            append(varint: UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    /// A message, also an empty one.
    mutating func append(_ number: Int, message: (inout ProtobufFields) -> Void) {
        appendTag(number, .lengthDelimited)
        let lengthAt = bytes.count
        bytes.append(0)
        message(&self)
        let length = bytes.count - lengthAt - 1
        if length < 0x80 {
            bytes[lengthAt] = UInt8(length)
        } else {
            // The length takes more than the byte that was kept for it: what follows moves on.
            var prefix = ProtobufFields()
            prefix.append(varint: UInt64(length))
            bytes.replaceSubrange(lengthAt...lengthAt, with: prefix.bytes)
        }
    }

    /// A `repeated string`.
    mutating func append(_ number: Int, texts: [String]) {
        for text in texts { append(number, optional: text) }
    }

    /// A singular `bytes`: left out where it is empty.
    mutating func append(_ number: Int, bytes: [UInt8]) {
        if bytes.isEmpty { return }
        appendTag(number, .lengthDelimited)
        append(varint: UInt64(bytes.count))
        self.bytes.append(contentsOf: bytes)
    }

    /// A packed `repeated uint64`, or of another type of integer: left out where it is empty.
    mutating func append(_ number: Int, packed values: [UInt64]) {
        if values.isEmpty { return }
        append(number) { fields in for value in values { fields.append(varint: value) } }
    }

    private enum WireType: Int {
        case varint = 0
        case lengthDelimited = 2
    }

    private mutating func appendTag(_ number: Int, _ type: WireType) {
        append(varint: UInt64(number << 3 | type.rawValue))
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
