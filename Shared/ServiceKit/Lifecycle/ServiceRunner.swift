import Foundation
import Logging
import Metrics
import ServiceLifecycle
import UnixSignals

/// What every service does around its own work: settings, log, metrics, admin port, graceful stop.
public struct ServiceRunner: Sendable {
    public let configuration: ServiceConfiguration
    public let logger: Logger
    public let readiness: Readiness
    private let metrics: PrometheusRegistry

    /// Reads the environment, and sets up the log and metrics of the process: call it once.
    /// - Parameters:
    ///   - defaults: the service's own ports.
    ///   - awaiting: the parts that must report before the service is ready.
    /// - Throws: ``ConfigurationError``
    public init(name: String, defaults: [Setting: String], awaiting parts: [String]) throws(ConfigurationError) {
        try self.init(name: name, configuration: ServiceConfiguration(defaults: defaults), awaiting: parts)
    }

    /// The same with a configuration that was read before.
    /// - Throws: ``ConfigurationError``
    public init(name: String, configuration: ServiceConfiguration, awaiting parts: [String]) throws(ConfigurationError) {
        self.configuration = configuration
        try LogSetup.bootstrap(configuration)
        metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        logger = Logger(label: name)
        readiness = Readiness(awaiting: parts)
        // A peer that is gone is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that may not grow (ulimit -f).
        signal(SIGXFSZ, SIG_IGN)
        OpenFiles.raiseLimit()
        let settings = configuration.redacted.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        logger.info("starting", metadata: ["configuration": "\(settings)"])
    }

    /// Runs until SIGTERM or SIGINT, then stops the services in reverse order. A process that could not be stopped by then, as its disk hangs,
    /// ends 10 s after the signal all the same: what it held is as after a crash.
    /// - Parameter services: what others need stands before them.
    public func run(_ services: [any Service]) async throws {
        let gate = StartGate()
        let admin = try AdminServer(
            configuration: configuration, readiness: readiness, metrics: metrics, onListening: gate.open, logger: logger)
        var group = ServiceGroupConfiguration(
            services: ([admin] + services.map(gate.gated) + [ForcedExit(logger: logger)]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(9)
        try await ServiceGroup(configuration: group).run()
        logger.info("stopped")
    }

    /// Runs a service's main function; a setting that does not fit ends the process with its name on standard error.
    public static func main(_ body: () async throws -> Void) async {
        if let argument = CommandLine.arguments.dropFirst().first { answer(argument) }
        do {
            try await body()
        } catch let error as ConfigurationError {
            exit(withMessage: "\(error)")
        } catch {
            exit(withMessage: "stopped by an error: \(error)")
        }
    }

    /// Everything is set by the environment; an argument is somebody who looks for help.
    private static func answer(_ argument: String) -> Never {
        let name = URL(filePath: CommandLine.arguments[0]).lastPathComponent
        guard ["--help", "-h"].contains(argument) else {
            exit(withMessage: "\(name) takes no arguments: the environment configures it, and \(name) --help lists the settings")
        }
        print("\(name) runs until SIGTERM or SIGINT. These environment variables configure Playhead:")
        for setting in Setting.all {
            print("  \(setting.name)\(setting.defaultValue.map { " [\($0)]" } ?? "")\n      \(setting.summary)")
        }
        Foundation.exit(0)
    }

    private static func exit(withMessage message: String) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        Foundation.exit(1)
    }
}
