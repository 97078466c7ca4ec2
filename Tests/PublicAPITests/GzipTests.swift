import CZlib
import HTTPTypes
import NIOCore
import Testing

@testable import PublicAPI

@Suite struct GzipTests {
    /// By zlib's own reader of gzip.
    private static func inflated(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: limit)
        let status = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        return status == Z_STREAM_END ? Array(output.prefix(Int(stream.total_out))) : nil
    }

    @Test(arguments: [0, 1, 1000, 300_000])
    func piecesComeBackAsTheWhole(count: Int) {
        let whole = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let gzip = Gzip()
        var sent: [UInt8] = []
        for start in stride(from: 0, to: count, by: 70_000) {
            let piece = ByteBuffer(bytes: whole[start..<min(start + 70_000, count)])
            sent += Array(gzip.compress(piece, isLast: false).readableBytesView)
        }
        sent += Array(gzip.compress(ByteBuffer(), isLast: true).readableBytesView)
        #expect(Self.inflated(sent, limit: count + 100) == whole)
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("GZIP", true), ("br, x-gzip", true), ("gzip;q=0", false), ("gzip; q=0.0", false),
        ("br", false), ("", false), ("gzipped", false),
    ])
    func onlyWhoAsksGetsIt(header: String, expected: Bool) {
        #expect(Gzip.isAccepted(by: [.acceptEncoding: header]) == expected)
    }
}
