import Foundation

/// The lines of a file that are not blank, read in portions.
struct FileLines {
    private static let portion = 1 << 20

    private let file: FileHandle
    private var buffer = Data()
    private var isAtEnd = false
    private var number = 0

    init(_ file: FileHandle) {
        self.file = file
    }

    /// - Returns: the next line with its number, from 1; nil at the end.
    mutating func next() throws -> (number: Int, line: Data)? {
        while let line = try anyLine() {
            number += 1
            if !line.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { return (number, line) }
        }
        return nil
    }

    private mutating func anyLine() throws -> Data? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer = buffer[(end + 1)...] }
                return Data(buffer[..<end])
            }
            guard !isAtEnd else {
                defer { buffer = Data() }
                return buffer.isEmpty ? nil : Data(buffer)
            }
            let more = try file.read(upToCount: Self.portion) ?? Data()
            isAtEnd = more.isEmpty
            buffer = Data(buffer) + more
        }
    }
}
