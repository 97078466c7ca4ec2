import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// `/livez` (the process), `/readyz` (can do its job, degraded counts as ready) and `/metrics` (Prometheus text).
public struct AdminServer: Service {
    private let server: HTTPService<BasicRequestContext>

    /// - Parameter onListening: called once requests are taken.
    public init(
        configuration: ServiceConfiguration, readiness: Readiness, metrics: PrometheusRegistry,
        onListening: @escaping @Sendable () -> Void = {}, logger: Logger
    ) throws(ConfigurationError) {
        let router = Router()
        router.get("/livez") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ in Self.report(readiness.current) }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: metrics.exposition())))
        }
        server = try HTTPServer.application(
            router: router, host: configuration.text(.adminHost), port: (.adminPort, configuration.integer(.adminPort)), purpose: "admin",
            onListening: onListening, logger: logger)
    }

    public func run() async throws {
        try await server.run()
    }

    private static func report(_ troubles: [String: Readiness.Trouble]) -> Response {
        let isReady = troubles.values.allSatisfy(\.isDegradedOnly)
        var lines = [isReady ? (troubles.isEmpty ? "ready" : "degraded") : "not ready"]
        lines += troubles.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.reason)" }
        return Response(
            status: isReady ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: lines.joined(separator: "\n") + "\n")))
    }
}
