import Foundation

/// A truth file that cannot be written or read.
struct TruthFileError: Error, CustomStringConvertible {
    let description: String
}

/// Writes a truth file: a header that says it is not complete, sessions as they end, and at last the header again.
struct TruthFile {
    private static let bufferedBytes = 1 << 18

    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []

    /// Makes the file anew, with a header.
    /// - Throws: ``TruthFileError`` that names the file.
    init(path: String, header: TruthHeader) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw TruthFileError(description: "cannot write \(path)")
        }
        self.handle = handle
        try write { handle in try handle.write(contentsOf: Self.line(header)) }
    }

    mutating func append(_ session: TruthSession) throws {
        try session.write(to: &buffer)
        if buffer.count >= Self.bufferedBytes { try flush() }
    }

    /// Writes what is left, and the header in its place.
    mutating func finish(_ header: TruthHeader) throws {
        try flush()
        try write { handle in
            try handle.seek(toOffset: 0)
            try handle.write(contentsOf: Self.line(header))
            try handle.close()
        }
    }

    private mutating func flush() throws {
        try write { [buffer] handle in try handle.write(contentsOf: buffer) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func write(_ body: (FileHandle) throws -> Void) throws {
        do {
            try body(handle)
        } catch let error as TruthFileError {
            throw error
        } catch {
            throw TruthFileError(description: "cannot write \(path): \(error.localizedDescription)")
        }
    }

    private static func line(_ header: TruthHeader) throws -> Data {
        guard let line = try header.line() else { throw TruthFileError(description: "the truth's header is too long") }
        return line
    }
}
