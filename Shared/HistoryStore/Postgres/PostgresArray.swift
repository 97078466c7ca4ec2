import Models

/// An array parameter while it is filled, in PostgreSQL's binary format: one dimension, lower bound 1.
/// Source: `array_send` in src/backend/utils/adt/arrayfuncs.c.
struct PostgresArray {
    enum Element {
        case bool, bytes, int8, int4, text, timestamp

        fileprivate var types: (element: PostgresValue.TypeID, array: PostgresValue.TypeID) {
            switch self {
            case .bool: (.bool, .boolArray)
            case .bytes: (.bytes, .bytesArray)
            case .int8: (.int8, .int8Array)
            case .int4: (.int4, .int4Array)
            case .text: (.text, .textArray)
            case .timestamp: (.timestamp, .timestampArray)
            }
        }
    }

    /// Dimensions, has-nulls, element type, length, lower bound.
    private static let headBytes = 20

    private let element: Element
    private var bytes: [UInt8]
    private var count: Int32 = 0
    private var hasNull = false

    init(of element: Element, capacity: Int) {
        self.element = element
        bytes = []
        bytes.reserveCapacity(Self.headBytes + capacity * (element == .text || element == .bytes ? 32 : 12))
        for part in [1, 0, Int32(element.types.element.rawValue), 0, 1] { append(bigEndian: part) }
    }

    mutating func append(_ text: String?) {
        guard let text else { return appendNull() }
        append(counted: text.utf8)
    }

    mutating func append(_ content: [UInt8]?) {
        guard let content else { return appendNull() }
        append(counted: content)
    }

    mutating func append(_ number: Int64?) {
        guard let number else { return appendNull() }
        append(length: 8)
        append(bigEndian: number)
    }

    mutating func append(_ number: Int32?) {
        guard let number else { return appendNull() }
        append(length: 4)
        append(bigEndian: number)
    }

    mutating func append(_ truth: Bool?) {
        guard let truth else { return appendNull() }
        append(length: 1)
        bytes.append(truth ? 1 : 0)
    }

    mutating func append(time: Timestamp?) {
        append(time.map(PostgresTime.encode))
    }

    var value: PostgresValue {
        var bytes = bytes
        for (offset, part) in [(4, hasNull ? 1 : 0), (12, count)] {
            withUnsafeBytes(of: part.bigEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
        }
        return PostgresValue(type: element.types.array, bytes: bytes)
    }

    private mutating func appendNull() {
        hasNull = true
        append(length: -1)
    }

    private mutating func append(counted content: some Collection<UInt8>) {
        append(length: Int32(content.count))
        if content.withContiguousStorageIfAvailable({ bytes.append(contentsOf: $0) }) == nil { bytes.append(contentsOf: content) }
    }

    private mutating func append(length: Int32) {
        count += 1
        append(bigEndian: length)
    }

    private mutating func append(bigEndian number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
