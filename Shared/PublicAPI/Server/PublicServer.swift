import Hummingbird
import Logging
import ServiceKit
import ServiceLifecycle
import Tokens

/// The API server of a service: who may call it, and problem+json for every error.
public struct PublicServer {
    public let authentication: Authentication
    private let runner: ServiceRunner

    /// - Throws: ``ConfigurationError`` for a service that would listen beyond loopback unprotected, or whose keys cannot be read.
    public init(runner: ServiceRunner) async throws(ConfigurationError) {
        let configuration = runner.configuration
        self.runner = runner
        if let path = configuration.optionalText(.jwksFile) {
            let rules = TokenRules(issuer: configuration.optionalText(.jwtIssuer), audience: configuration.optionalText(.jwtAudience))
            do {
                authentication = Authentication(verifier: try await TokenVerifier(path: path, rules: rules, logger: runner.logger))
            } catch {
                throw ConfigurationError("PLAYHEAD_JWKS_FILE: \(error)")
            }
            return
        }
        authentication = Authentication(verifier: nil)
        let host = try configuration.text(.httpHost)
        if !LoopbackHost.includes(host), !configuration.flag(.insecureNoAuth) {
            throw ConfigurationError(
                "PLAYHEAD_HTTP_HOST is \(host), which is reachable from other machines, and nothing authenticates requests: "
                    + "set PLAYHEAD_JWKS_FILE, listen on 127.0.0.1, or set PLAYHEAD_INSECURE_NO_AUTH=1 where something in front protects the service"
            )
        }
    }

    /// - Returns: the server, and what must run beside it.
    /// - Throws: ``ConfigurationError``
    public func services(_ routes: APIRoutes) throws(ConfigurationError) -> [any Service] {
        let configuration = runner.configuration
        let router = routes.router(
            authentication: authentication, crossOrigin: CrossOrigin(setting: configuration.optionalText(.corsOrigins)))
        let server = HTTPServer.application(
            router: router, host: try configuration.text(.httpHost), port: (.httpPort, try configuration.integer(.httpPort)),
            purpose: "api", limits: try ConnectionLimits(configuration), logger: runner.logger)
        guard let verifier = authentication.verifier else { return [server] }
        // The former keys stay in force while a new file is wrong, so that is no reason not to be ready.
        let keys = PeriodicTask("token keys", every: .seconds(1), readiness: runner.readiness, logger: runner.logger, isEssential: false) {
            try await verifier.reread()
        }
        return [keys, server]
    }
}
