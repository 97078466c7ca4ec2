import Foundation

/// How to reach a Redis server.
public struct RedisConfiguration: Sendable, Hashable {
    public var host: String
    public var port: Int
    public var user: String?
    public var password: String?
    public var database: Int
    /// Bounds connecting, name lookup excluded.
    public var connectTimeout: Duration = .seconds(1)
    /// Bounds each read and write, blocking reads excluded.
    public var commandTimeout: Duration = .seconds(2)

    /// - Parameter url: `redis://[[user]:password@]host[:port][/database]`
    /// - Throws: ``RedisError`` of kind `configuration` that says what is wrong, without the password.
    public init(url: String) throws(RedisError) {
        guard let parts = URLComponents(string: url), parts.scheme == "redis", let host = parts.host, !host.isEmpty else {
            throw RedisError(.configuration, "PLAYHEAD_REDIS_URL is not of the form redis://[[user]:password@]host[:port][/database]")
        }
        let path = parts.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else {
            // Not shown: where a password was not percent-encoded, a part of it may stand here.
            throw RedisError(.configuration, "the path of PLAYHEAD_REDIS_URL must be a database number")
        }
        let port = parts.port ?? 6379
        guard (1...65535).contains(port) else { throw RedisError(.configuration, "the port of PLAYHEAD_REDIS_URL must be from 1 to 65535") }
        // An IPv6 literal comes with its brackets.
        self.host = host.trimmingCharacters(in: ["[", "]"])
        self.port = port
        self.user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        self.password = parts.password
        self.database = database
    }
}
