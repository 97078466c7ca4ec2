import BlockingClient

/// How long to wait before a request is sent again: as long as the server asks for, and a random time on top of it, so that clients do
/// not come back all at once.
struct RetryWait: Sendable {
    /// A server that asks for longer is asked again after this.
    static let longest = Duration.seconds(60)

    private var backoff = Backoff(base: .milliseconds(200), limit: .seconds(2))

    /// - Parameter retryAfter: the header of that name, where there was one. A date is not heeded: servers that shed load tell seconds.
    mutating func next(retryAfter: String?) -> Duration {
        let asked = retryAfter.flatMap { Int($0) }.map { Duration.seconds(max($0, 0)) } ?? .zero
        return min(asked, Self.longest) + backoff.next()
    }
}
