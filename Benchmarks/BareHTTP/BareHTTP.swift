import Foundation
import Hummingbird
import Logging

/// `bare-http PORT [FILE...]`: the least that Hummingbird needs to take an event, and to answer a GET. It reads the body and answers as the
/// edge does; a GET of `/0`, `/1`… is answered with the bytes of a file, read at the start. That is all.
///
/// The floor that `Benchmarks/run` compares the services with, so it stands on nothing of Playhead's; backlog, idle timeout, limit of
/// the body and threads (Hummingbird's own) are those of the services.
@main
struct BareHTTP {
    static func main() async throws {
        guard CommandLine.arguments.count >= 2, let port = Int(CommandLine.arguments[1]) else {
            try FileHandle.standardError.write(contentsOf: Data("usage: bare-http PORT [FILE...]\n".utf8))
            exit(2)
        }
        let router = Router(context: BasicRequestContext.self)
        router.post("/v1/events") { request, _ in
            _ = try await request.body.collect(upTo: 1 << 20)
            return Response(
                status: .accepted, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: #"{"accepted":1,"durability":"stream","rejected":[]}"#)))
        }
        for (number, path) in CommandLine.arguments.dropFirst(2).enumerated() {
            let body = ByteBuffer(bytes: try Data(contentsOf: URL(filePath: path)))
            router.get("/\(number)") { _, _ in
                Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
            }
        }
        var logger = Logger(label: "bare-http")
        logger.logLevel = .critical
        let server = Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname("127.0.0.1", port: port), backlog: 1024), logger: logger)
        try await server.runService()
    }
}
