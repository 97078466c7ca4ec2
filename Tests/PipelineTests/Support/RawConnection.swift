import Foundation
import TestSupport

/// A TCP connection of a client that need not keep any rule.
final class RawConnection: Sendable {
    private let descriptor: Int32

    /// - Parameters:
    ///   - url: `http://127.0.0.1:port`
    ///   - patience: of each read and each write.
    init(_ url: String, patience: Int = 30) async throws {
        descriptor = try await aside { Self.connected(to: url, patience: patience) }.get()
    }

    private static func connected(to url: String, patience: Int) -> Result<Int32, POSIXError> {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(url.split(separator: ":").last.flatMap { Int($0) } ?? 0).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var timeout = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard status == 0 else {
            let code = errno
            close(descriptor)
            return .failure(POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO))
        }
        return .success(descriptor)
    }

    deinit { close(descriptor) }

    /// - Returns: whether all of it was taken.
    @discardableResult
    func send(_ text: String) async -> Bool { await aside { self.sendAll(text) } }

    /// What comes until so many bytes, or the end of the connection.
    /// - Returns: the text, and whether the connection has ended; not if nothing more came within the patience.
    func read(upTo limit: Int = .max) async -> (text: String, hasEnded: Bool) { await aside { self.readAll(upTo: limit) } }

    private func sendAll(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func readAll(upTo limit: Int) -> (text: String, hasEnded: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limit {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return (String(decoding: bytes, as: UTF8.self), true) }
            if count < 0 { break }
            bytes += buffer[..<count]
        }
        return (String(decoding: bytes, as: UTF8.self), false)
    }
}
