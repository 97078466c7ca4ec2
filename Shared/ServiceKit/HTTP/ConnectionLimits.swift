import Hummingbird
import NIOCore

/// What one server grants its clients, so that none of them can take all of it.
public struct ConnectionLimits: Sendable {
    /// Of a request's head, in bytes: more is 400, and the end of the connection.
    static let headBytes = 16 * 1024
    static let headFields = 100

    /// From the head of a request to the end of its body; and how long an answer may wait for its client to read.
    public var body = TimeAmount.seconds(10)
    /// Without a request.
    public var idle = TimeAmount.seconds(60)
    /// Open at once; who comes then waits to be let in. nil: no limit.
    public var connections: Int?

    public init() {}

    /// - Throws: ``ConfigurationError``
    public init(_ configuration: ServiceConfiguration) throws(ConfigurationError) {
        body = .milliseconds(Int64(try configuration.integer(.bodyTimeoutMs)))
        idle = .milliseconds(Int64(try configuration.integer(.idleTimeoutMs)))
        connections = try configuration.integer(.maximalConnections)
    }
}
