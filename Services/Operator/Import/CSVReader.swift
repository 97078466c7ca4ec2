/// Reads comma-separated values as RFC 4180 has them, and tells the line on which each record begins.
struct CSVReader: Sequence, IteratorProtocol {
    struct Record: Sendable, Hashable {
        /// From 1.
        var line: Int
        var fields: [String]
    }

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1

    /// - Parameter bytes: UTF-8, with or without a byte order mark.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
    }

    /// The next record; blank lines are passed over. A quote that is never closed ends with the file.
    mutating func next() -> Record? {
        while index < bytes.count, bytes[index] == UInt8(ascii: "\n") || bytes[index] == UInt8(ascii: "\r") { skipNewline() }
        guard index < bytes.count else { return nil }
        var record = Record(line: line, fields: [])
        while true {
            record.fields.append(field())
            guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { break }
            index += 1
        }
        skipNewline()
        return record
    }

    /// Stops before the comma or the newline that ends the field.
    private mutating func field() -> String {
        var content: [UInt8] = []
        var isQuoted = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
            isQuoted = true
            index += 1
        }
        while index < bytes.count {
            let byte = bytes[index]
            if isQuoted, byte == UInt8(ascii: "\"") {
                index += 1
                // Two quotes are one; one is the end, and what still stands before the comma belongs to the field.
                if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                    content.append(byte)
                } else {
                    isQuoted = false
                    continue
                }
            } else if !isQuoted, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                break
            } else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                content.append(byte)
            }
            index += 1
        }
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func skipNewline() {
        guard index < bytes.count else { return }
        if bytes[index] == UInt8(ascii: "\r") { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "\n") {
            index += 1
        }
        line += 1
    }
}
