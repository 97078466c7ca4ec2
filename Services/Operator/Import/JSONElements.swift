/// Finds the elements of a JSON array and the lines on which they begin, without decoding them: a broken one spoils only itself.
struct JSONElements: Sequence, IteratorProtocol {
    struct Element: Sendable, Hashable {
        /// From 1.
        var line: Int
        var bytes: Range<Int>
    }

    private let file: [UInt8]
    private var index = 0
    private var line = 1

    /// - Returns: nil where the file does not begin an array.
    init?(_ file: [UInt8]) {
        self.file = file
        if file.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
        skip { Self.isSpace($0) }
        guard index < file.count, file[index] == UInt8(ascii: "[") else { return nil }
        index += 1
    }

    mutating func next() -> Element? {
        skip { Self.isSpace($0) || $0 == UInt8(ascii: ",") }
        guard index < file.count, file[index] != UInt8(ascii: "]") else { return nil }
        let begin = index
        let beginLine = line
        var depth = 0
        var isInString = false
        while index < file.count {
            let byte = file[index]
            if isInString {
                if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "]") where depth == 0: return Element(line: beginLine, bytes: begin..<index)
                // A brace that closes nothing is part of a broken element.
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = Swift.max(depth - 1, 0)
                case UInt8(ascii: ",") where depth == 0: return Element(line: beginLine, bytes: begin..<index)
                default: break
                }
            }
            advance()
        }
        return Element(line: beginLine, bytes: begin..<Swift.min(index, file.count))
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while index < file.count, condition(file[index]) { advance() }
    }

    private mutating func advance() {
        if index < file.count, file[index] == UInt8(ascii: "\n") { line += 1 }
        index += 1
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }
}
