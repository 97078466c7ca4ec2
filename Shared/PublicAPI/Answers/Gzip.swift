import CZlib
import HTTPTypes
import NIOCore

/// Compresses one answer, piece by piece, in the gzip format (RFC 1952).
final class Gzip {
    /// Most of what can be gained, at a third of the price of zlib's default.
    private static let level: Int32 = 3
    private static let pieceBytes = 16 * 1024

    private var stream = z_stream()

    init() {
        let status = playhead_gzip_begin(&stream, Self.level)
        precondition(status == Z_OK, "zlib failed to begin: \(status)")
    }

    deinit {
        deflateEnd(&stream)
    }

    /// - Parameter isLast: whether the end of the answer follows.
    /// - Returns: what can be sent; may be empty while there is more to come.
    func compress(_ input: ByteBuffer, isLast: Bool) -> ByteBuffer {
        var output = ByteBuffer()
        input.withUnsafeReadableBytes { bytes in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(bytes.count)
            repeat {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceBytes) { space in
                    stream.next_out = space.bindMemory(to: UInt8.self).baseAddress
                    stream.avail_out = UInt32(space.count)
                    deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return space.count - Int(stream.avail_out)
                }
            } while stream.avail_out == 0
            stream.next_in = nil
        }
        return output
    }

    /// Whether a client takes gzip: RFC 9110 section 12.5.3. `gzip;q=0` is a refusal.
    static func isAccepted(by headers: HTTPFields) -> Bool {
        guard let accepted = headers[.acceptEncoding] else { return false }
        for item in accepted.split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.trimmingSpaces() }
            guard let coding = parts.first?.lowercased(), coding == "gzip" || coding == "x-gzip" else { continue }
            let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
            return weight != 0
        }
        return false
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
