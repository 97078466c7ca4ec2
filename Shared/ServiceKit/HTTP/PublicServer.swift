import Hummingbird
import Logging

/// The API server of a service: problem+json for every error, and the rule of who may call it.
public enum PublicServer {
    /// A router with what every API has; add routes to it.
    public static func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: PublicMiddleware())
        return router
    }

    /// - Throws: ``ConfigurationError`` for a service that would listen beyond loopback unprotected.
    public static func application(
        router: Router<BasicRequestContext>, configuration: ServiceConfiguration, logger: Logger
    ) throws(ConfigurationError) -> HTTPService<BasicRequestContext> {
        let host = try configuration.text(.httpHost)
        if !LoopbackHost.includes(host), !configuration.flag(.insecureNoAuth) {
            throw ConfigurationError(
                "PLAYHEAD_HTTP_HOST is \(host), which is reachable from other machines, and nothing authenticates requests: "
                    + "listen on 127.0.0.1, or set PLAYHEAD_INSECURE_NO_AUTH=1 where something in front protects the service")
        }
        return HTTPServer.application(
            router: router, host: host, port: (.httpPort, try configuration.integer(.httpPort)), purpose: "api",
            limits: try ConnectionLimits(configuration), logger: logger)
    }
}
