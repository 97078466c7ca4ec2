/// Exponential waits with full jitter, so that clients of a server that comes back do not arrive all at once.
/// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
public struct Backoff: Sendable {
    public let base: Duration
    public let limit: Duration
    public private(set) var failures = 0

    /// - Parameters:
    ///   - base: the greatest wait after the first failure; it doubles with each further one.
    ///   - limit: no wait is longer.
    public init(base: Duration = .milliseconds(100), limit: Duration = .seconds(5)) {
        self.base = base
        self.limit = limit
    }

    /// Counts a failure.
    /// - Returns: how long to wait before the next attempt: at random from a tenth of the current ceiling to all of it.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let ceiling = min(base * (1 << min(failures, 20)), limit)
        failures += 1
        return ceiling * Double.random(in: 0.1...1, using: &generator)
    }

    /// As ``next(using:)`` with the system's generator.
    public mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// After a success the next failure waits shortly again.
    public mutating func reset() {
        failures = 0
    }
}
