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

    public static func bool(_ value: Bool) -> PostgresValue {
        PostgresValue(type: .bool, bytes: [value ? 1 : 0])
    }

    /// timestamptz; nil is NULL.
    public static func timestamp(_ value: Timestamp?) -> PostgresValue {
        PostgresValue(type: .timestamp, bytes: value.map { bigEndian(PostgresTime.encode($0)) })
    }

    public static func texts(_ values: some Collection<String?>) -> PostgresValue {
        array(.text, values) { $0.append($1) }
    }

    public static func byteStrings(_ values: some Collection<[UInt8]?>) -> PostgresValue {
        array(.bytes, values) { $0.append($1) }
    }

    public static func int8s(_ values: some Collection<Int64?>) -> PostgresValue {
        array(.int8, values) { $0.append($1) }
    }

    public static func int4s(_ values: some Collection<Int32?>) -> PostgresValue {
        array(.int4, values) { $0.append($1) }
    }

    public static func bools(_ values: some Collection<Bool?>) -> PostgresValue {
        array(.bool, values) { $0.append($1) }
    }

    public static func timestamps(_ values: some Collection<Timestamp?>) -> PostgresValue {
        array(.timestamp, values) { $0.append(time: $1) }
    }

    private static func array<Element>(
        _ type: PostgresArray.Element, _ values: some Collection<Element>, append: (inout PostgresArray, Element) -> Void
    ) -> PostgresValue {
        var array = PostgresArray(of: type, capacity: values.count)
        for value in values { append(&array, value) }
        return array.value
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
