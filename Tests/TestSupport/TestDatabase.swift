import Foundation
import HistoryStore
import Logging

/// A database of one test's own with the current schema, on a server that all tests of the process share.
public struct TestDatabase: Sendable {
    public let url: String

    /// - Parameter isMigrated: false for an empty database.
    public init(isMigrated: Bool = true) async throws {
        let server = try await Self.server.value
        let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        let administrator = PostgresConnection(Self.patient(PostgresConfiguration(url: server.url)), name: "test-admin", logger: .silent)
        try await administrator.runScript("CREATE DATABASE \(name)")
        url = server.url.dropLast("playhead".count) + name
        if isMigrated { _ = try await Migrator(connection: connection()).migrate() }
    }

    public func connection(
        _ name: String = "test", requestTimeout: Duration = patientTimeout, schema: PostgresConfiguration.Schema = .history
    ) -> PostgresConnection {
        PostgresConnection(
            Self.patient(PostgresConfiguration(url: url, requestTimeout: requestTimeout, plans: .inKeyOrder, schema: schema)), name: name,
            logger: .silent)
    }

    /// - Parameter patience: longer than in production, as tests share the machine.
    public func pool(size: Int = 2, patience: Duration = .seconds(20)) -> PostgresPool {
        PostgresPool(
            Self.patient(PostgresConfiguration(url: url, requestTimeout: Self.patientTimeout)), size: size, maximalWait: .seconds(60),
            patience: patience, name: "test",
            logger: .silent)
    }

    /// A transaction of a test may have to wait until others let its task go on; the server ends one that is idle for longer than this.
    public static let patientTimeout = Duration.seconds(300)

    /// All tests of the process share one server, and many connect to it at once.
    public static func patient(_ configuration: PostgresConfiguration) -> PostgresConfiguration {
        var configuration = configuration
        configuration.connectTimeout = .seconds(30)
        return configuration
    }

    private static let server = Task { try await PrivateServers(.postgres) }
}
