import Models

/// A parameter in PostgreSQL's binary format. Source: the `*send` and `*recv` functions in src/backend/utils/adt.
public struct PostgresValue: Sendable {
    /// The type's oid in the catalogue pg_type, where it is fixed.
    public enum TypeID: UInt32, Sendable {
        case bool = 16
        case bytes = 17
        case int8 = 20
        case int4 = 23
        case text = 25
        case boolArray = 1000
        case bytesArray = 1001
        case int4Array = 1007
        case textArray = 1009
        case int8Array = 1016
        case timestampArray = 1185
        case timestamp = 1184
    }

    let type: TypeID
    /// nil is NULL.
    let bytes: [UInt8]?

    public static func text(_ value: String?) -> PostgresValue {
        PostgresValue(type: .text, bytes: value.map { Array($0.utf8) })
    }

    public static func bytes(_ value: [UInt8]?) -> PostgresValue {
        PostgresValue(type: .bytes, bytes: value)
    }

    public static func int8(_ value: Int64?) -> PostgresValue {
        PostgresValue(type: .int8, bytes: value.map { bigEndian($0) })
    }

    public static func int4(_ value: Int32?) -> PostgresValue {
        PostgresValue(type: .int4, bytes: value.map { bigEndian($0) })
    }

    /// timestamptz; nil is NULL.
    public static func timestamp(_ value: Timestamp?) -> PostgresValue {
        PostgresValue(type: .timestamp, bytes: value.map { bigEndian(PostgresTime.encode($0)) })
    }

    public static func texts(_ values: some Collection<String?>) -> PostgresValue {
        array(values, type: .textArray, element: .text) { $1.append(contentsOf: $0.utf8) }
    }

    public static func byteStrings(_ values: some Collection<[UInt8]?>) -> PostgresValue {
        array(values, type: .bytesArray, element: .bytes) { $1.append(contentsOf: $0) }
    }

    public static func int8s(_ values: some Collection<Int64?>) -> PostgresValue {
        array(values, type: .int8Array, element: .int8) { append($0, to: &$1) }
    }

    public static func int4s(_ values: some Collection<Int32?>) -> PostgresValue {
        array(values, type: .int4Array, element: .int4) { append($0, to: &$1) }
    }

    public static func bools(_ values: some Collection<Bool?>) -> PostgresValue {
        array(values, type: .boolArray, element: .bool) { $1.append($0 ? 1 : 0) }
    }

    public static func timestamps(_ values: some Collection<Timestamp?>) -> PostgresValue {
        array(values, type: .timestampArray, element: .timestamp) { append(PostgresTime.encode($0), to: &$1) }
    }

    /// One dimension, lower bound 1: `array_send` in arrayfuncs.c.
    private static func array<Element>(
        _ values: some Collection<Element?>, type: TypeID, element: TypeID, encode: (Element, inout [UInt8]) -> Void
    ) -> PostgresValue {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + values.count * 16)
        append(Int32(1), to: &bytes)
        append(Int32(values.contains { $0 == nil } ? 1 : 0), to: &bytes)
        append(element.rawValue, to: &bytes)
        append(Int32(values.count), to: &bytes)
        append(Int32(1), to: &bytes)
        for value in values {
            guard let value else {
                append(Int32(-1), to: &bytes)
                continue
            }
            let lengthAt = bytes.count
            append(Int32(0), to: &bytes)
            encode(value, &bytes)
            let length = bigEndian(Int32(bytes.count - lengthAt - 4))
            bytes.replaceSubrange(lengthAt..<lengthAt + 4, with: length)
        }
        return PostgresValue(type: type, bytes: bytes)
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

/// timestamptz is microseconds since 2000-01-01T00:00:00Z, with the ends of the range for infinity: datatype/timestamp.h.
enum PostgresTime {
    private static let epoch: Timestamp = 946_684_800_000

    static func encode(_ time: Timestamp) -> Int64 {
        if time == .max || time == .min { return time }
        return (time - epoch) * 1000
    }

    static func decode(_ microseconds: Int64) -> Timestamp {
        if microseconds == .max || microseconds == .min { return microseconds }
        return microseconds / 1000 + epoch
    }
}
