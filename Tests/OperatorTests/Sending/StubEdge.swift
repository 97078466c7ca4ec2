import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// An edge that answers as a test tells it.
enum StubEdge {
    struct Answer: Sendable {
        var status: HTTPResponse.Status
        var body = ""
        var retryAfter: String?
    }

    /// Runs a server while `body` runs, and stops it.
    /// - Parameters:
    ///   - answer: is given the number of the request, from 0, and its body.
    ///   - body: is given the server's address.
    static func serve<Result: Sendable>(
        _ answer: @escaping @Sendable (Int, String) throws -> Answer, while body: @Sendable @escaping (String) async throws -> Result
    ) async throws -> Result {
        let count = Mutex(0)
        let router = Router()
        router.post("/v1/events") { request, _ in
            let text = String(buffer: try await request.body.collect(upTo: 1 << 20))
            let number = count.withLock { count in
                count += 1
                return count - 1
            }
            let answer = try answer(number, text)
            var headers: HTTPFields = [.contentType: "application/json"]
            headers[.retryAfter] = answer.retryAfter
            return Response(status: answer.status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: answer.body)))
        }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "stub") { _ in SwiftLogNoOpLogHandler() })
        let server = Task { try await application.run() }
        defer { server.cancel() }
        var iterator = ports.makeAsyncIterator()
        return try await body("http://127.0.0.1:\(await iterator.next() ?? 0)")
    }
}
