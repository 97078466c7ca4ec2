import EventStream
import Foundation
import Logging

/// A Redis of one test's own: its keys are the same as in production.
public final class TestRedis: Sendable {
    public let server: PrivateServers
    public let configuration: RedisConfiguration

    /// - Parameter folder: see ``PrivateServers/init(_:keepingDataIn:)``.
    public init(keepingDataIn folder: TemporaryFolder? = nil) async throws {
        server = try await PrivateServers(.redis, keepingDataIn: folder)
        configuration = try RedisConfiguration(url: server.url)
    }

    public var url: String { server.url }

    /// - Parameter commandTimeout: shorter than in production where a test waits for it.
    public func connection(_ name: String = "test", commandTimeout: Duration = .seconds(10)) -> RedisConnection {
        var configuration = configuration
        configuration.commandTimeout = commandTimeout
        return RedisConnection(configuration, name: name, logger: .silent)
    }
}

extension Logger {
    /// For what tests provoke on purpose.
    public static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
