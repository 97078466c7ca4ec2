import Models

/// JSON written straight into bytes: a simulator and a server write more of it than JSONEncoder could.
extension [UInt8] {
    /// Text that is JSON already.
    public mutating func append(json text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// A JSON string.
    public mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            // Nearly every text is one stretch without anything to escape.
            var begin = 0
            for index in utf8.indices where Self.mustBeEscaped(utf8[index]) {
                append(contentsOf: utf8[begin..<index])
                append(escaped: utf8[index])
                begin = index + 1
            }
            append(contentsOf: utf8[begin...])
        }
        append(UInt8(ascii: "\""))
    }

    public mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        let begin = count
        var rest = value.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        self[begin...].reverse()
    }

    public mutating func append(_ truth: Bool) {
        append(json: truth ? "true" : "false")
    }

    /// RFC 3339 as a JSON string.
    public mutating func append(time: Timestamp) {
        append(UInt8(ascii: "\""))
        RFC3339.append(time, to: &self)
        append(UInt8(ascii: "\""))
    }

    /// A JSON array.
    public mutating func append<Item>(list items: some Sequence<Item>, _ appendItem: (Item, inout [UInt8]) -> Void) {
        append(UInt8(ascii: "["))
        var isFirst = true
        for item in items {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            appendItem(item, &self)
        }
        append(UInt8(ascii: "]"))
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func append(escaped byte: UInt8) {
        if byte < 0x20 {
            append(json: "\\u00")
            append(Self.hexDigits[Int(byte >> 4)])
            append(Self.hexDigits[Int(byte & 15)])
        } else {
            append(UInt8(ascii: "\\"))
            append(byte)
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
