import Foundation
import Hummingbird
import Logging

/// `bare-http PORT`: the least that Hummingbird needs to take an event. It reads the body and answers as the edge does, and that is all.
///
/// The floor that `Benchmarks/run` compares the edge with, so it stands on nothing of Playhead's; backlog, idle timeout, limit of
/// the body and threads (Hummingbird's own) are those of the edge.
@main
struct BareHTTP {
    static func main() async throws {
        guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
            try FileHandle.standardError.write(contentsOf: Data("usage: bare-http PORT\n".utf8))
            exit(2)
        }
        let router = Router(context: BasicRequestContext.self)
        router.post("/v1/events") { request, _ in
            _ = try await request.body.collect(upTo: 1 << 20)
            return Response(
                status: .accepted, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: #"{"accepted":1,"durability":"stream","rejected":[]}"#)))
        }
        var logger = Logger(label: "bare-http")
        logger.logLevel = .critical
        let server = Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname("127.0.0.1", port: port), backlog: 1024), logger: logger)
        try await server.runService()
    }
}
