/// A command in the form in which it is sent: an array of bulk strings.
/// Source: redis.io, "Redis serialization protocol specification", RESP2.
public struct RedisCommand: Sendable {
    /// RESP bytes.
    let encoded: [UInt8]

    public init(_ arguments: RedisArgument...) {
        self.init(arguments)
    }

    public init(_ arguments: [RedisArgument]) {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(arguments.reduce(16) { $0 + $1.bytes.count + 16 })
        Self.append("*", count: arguments.count, to: &encoded)
        for argument in arguments {
            Self.append("$", count: argument.bytes.count, to: &encoded)
            encoded.append(contentsOf: argument.bytes)
            encoded.append(contentsOf: [0x0d, 0x0a])
        }
        self.encoded = encoded
    }

    private static func append(_ type: Unicode.Scalar, count: Int, to encoded: inout [UInt8]) {
        encoded.append(UInt8(ascii: type))
        encoded.append(contentsOf: String(count).utf8)
        encoded.append(contentsOf: [0x0d, 0x0a])
    }
}

/// An argument of a command: any bytes.
public struct RedisArgument: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    public init(_ number: some BinaryInteger) {
        self.init(String(number))
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    public init(integerLiteral number: Int) {
        self.init(String(number))
    }
}
